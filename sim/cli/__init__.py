"""The command line.

``main`` collects the commands of ``studies``, ``appraisals``, ``sweeps``, ``fitting``, ``campaigns``, ``results``,
``files`` and ``logs``. ``flags`` holds shared options, ``completion`` what shells complete; ``fsck`` checks stored
files; ``terminal`` adapts output to the terminal.
"""
