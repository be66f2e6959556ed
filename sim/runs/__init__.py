"""Simulations that are kept.

``simulation`` runs one, ``identity`` names it, ``cache`` keeps it; ``results`` stores tables, ``result_scenario`` reads
the scenario back, ``progress`` shows how far they are.
"""
