"""The command line.

``main`` collects the commands of ``studies``, ``appraisals``, ``sweeps``, ``fitting``, ``sensitivities``, ``learning``,
``results``, ``files`` and ``logs``, with shared ``flags``; ``fsck`` checks stored files; ``terminal`` adapts output to
the terminal.
"""
