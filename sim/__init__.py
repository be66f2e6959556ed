"""Simulation of messaging rules at work: burnout, unpaid hours, output, and what a rule costs.

From Python, start with ``sim.scenario.loading.load`` and ``sim.model.Workplace`` (a Mesa model), or with
``sim.runs.simulation.run``.
"""
