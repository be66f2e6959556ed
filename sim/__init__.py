"""Messaging rules at work, simulated: burnout, unpaid hours, what still gets done, and what a rule costs.

From Python, start with ``sim.scenario.load`` and ``sim.model.Workplace`` (a Mesa model), or with ``sim.run.run``.
"""
