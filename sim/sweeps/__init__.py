"""Sweeps: a design file becomes many runs, on one machine or a cluster, and ends as a few tables.

The files in the sweep's folder alone decide what is done; executors (``sim.runs.executor``) only move chunks of runs.
Planning: ``design``, ``parameter_paths``, ``conditions``. A chunk of runs: ``engines``, ``work``. The
whole: ``session``, ``driving``, ``monitor``. Storage and results: ``folder``, ``plugins``, ``compaction``,
``effects``, ``drawing``, ``regions``; ``emulation`` and ``sliders`` for a page to play with.
"""
