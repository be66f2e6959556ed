"""Simulations: how they run, where their results are kept, and which processes run them.

``simulation`` runs one. ``beginnings`` shares first weeks, ``identity`` names a world, ``cache`` keeps its tables, and
``evaluations`` keeps the figures of simulations at given parameters. ``results`` stores tables, ``reuse`` finds those
already there, ``result_scenario`` reads their scenario, ``provenance`` records their origin, and ``progress`` names
steps. ``backends`` chooses who runs tasks: ``executor`` (processes here) or ``cluster`` (Dask or SLURM, with ``slurm``
for its queue). ``crash_log`` records at which run a process died.
"""
