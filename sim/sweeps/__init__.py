"""Sweeps: a design file becomes many runs, on one machine or a cluster, and ends as a few tables.

The files in the sweep's folder alone decide what is done; whatever distributes the work only moves chunks of runs.
Planning: ``design``, ``parameter_paths``, ``conditions``, ``sizing``. A chunk of runs: ``engines``, ``work``,
``limits``, ``crash_log``. The whole: ``session``, ``driving``, ``ledger``, ``backends``, ``cluster``, ``supervisor``,
``monitor``. Storage and results: ``folder``, ``plugins``, ``compaction``, ``effects``, ``drawing``, ``query``.
``mapping`` lends the backends to calibrations.
"""
