"""What the model is held against: figures of surveys and reports, and message logs.

Figures: the files of ``calibration/`` and their ``entries``, ``claims`` of the report, ``targets`` of a reading of it,
``observables`` that can be computed for them, what is ``observed`` in a run, its ``agreement`` with the targets, and
``tensions`` that no model can close.

Logs: ``rows``, the ``quantities`` that are measured on them, by ``senders``, ``threads``, ``replies`` and ``clocks``,
put together as ``traffic``; ``logfile`` reads a log of one's own, by ``logcolumns`` and ``lognumbers``; ``modelled``
simulates the model's.
"""
