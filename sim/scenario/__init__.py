"""Scenarios: ``schema``, ``loading`` by name or file, ``horizon`` of dates, ``parameter_draws`` to run them with."""
