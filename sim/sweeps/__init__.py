"""Sweeps: a design file becomes many runs, on one machine or a cluster, and ends as a few tables.

The files in the sweep's folder alone decide what is done; whatever distributes the work only moves chunks of runs.
Planning: ``design``, ``addresses``, ``conditions``, ``sizing``. A chunk of runs: ``engines``, ``work``, ``limits``,
``attempts``. The whole: ``session``, ``driving``, ``ledger``, ``backends``, ``cluster``, ``supervisor``, ``watching``.
Storage and results: ``folder``, ``adding``, ``compaction``, ``effects``, ``drawing``, ``asking``. ``mapping`` lends
the backends to calibrations.
"""
