"""Sweeps: a design in a file becomes many runs, on a laptop or a cluster, and ends as a few tables.

An engine that distributes work only moves chunks of runs; what is done is decided by files in the folder of the sweep.

What to run: ``design``, its ``addresses``, its ``conditions``, its cost by ``sizing``. A chunk: ``engines`` say what a
run is, ``work`` does it within ``limits``, ``attempts`` leave a trace. The whole: ``session``, ``driving`` with its
``ledger``, ``backends``, ``cluster`` with its ``supervisor``, ``watching``. What is left: ``folder``, ``files``,
``adding``, ``compaction``, ``effects``, ``drawing``, ``asking``. ``mapping`` lends the backends to calibrations.
"""
