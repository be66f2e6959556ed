"""Sweeps: a design file becomes many runs, on one machine or a cluster, whose results are a few tables.

Only the files in the sweep's folder decide what is to be done; executors (``sim.runs.executor``) just distribute chunks
of runs. Planning: ``design``, ``parameter_paths``, ``conditions``. A chunk of runs: ``engines``, ``work``. The whole:
``session``, ``driving``, ``monitor``. Storage and results: ``folder``, ``plugins``, ``compaction``, ``effects``,
``drawing``, ``regions``. For an interactive page: ``emulation`` and ``sliders``.
"""
