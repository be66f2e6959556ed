"""Evidence that the model is compared with: figures of surveys and reports, and message logs.

Figures: ``targets`` holds the sets of targets, ``observables`` what can be computed for them, ``observed`` its
values in a run, ``agreement`` the scorecard, and ``tensions`` the claims and the contradictions between sources.

Logs: ``quantities`` defines what a log is and what is measured on it; ``senders``, ``threads``,
``replies``, ``chance`` and ``clocks`` sum it up, and ``traffic`` combines them; ``logfile``,
``logcolumns`` and ``lognumbers`` read a log from a file, and ``modelled`` simulates one; ``touched``
says which messages of a log a rule would act on.
"""
