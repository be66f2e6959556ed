"""Scenarios: ``schema``, ``loading`` by name or file, ``horizon`` of dates, ``memory`` needed, ``parameter_draws``."""
