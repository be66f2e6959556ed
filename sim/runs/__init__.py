"""Simulations that are kept, and who does them.

``simulation`` runs one, ``beginnings`` shares first weeks, ``identity`` names it, ``cache`` keeps its tables, and
``evaluations`` the figures of many at given parameters; ``results`` stores tables, ``reuse`` says which of them are
there already, ``result_scenario`` reads the scenario back, ``provenance`` says what made them, and ``progress`` names
what they report. ``backends`` says who runs tasks: ``executor`` in processes here, ``cluster`` in Dask or SLURM,
whose queue ``slurm`` asks; ``crash_log`` records which run a process died at.
"""
