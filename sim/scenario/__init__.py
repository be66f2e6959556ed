"""Scenarios: ``schema``, ``loading`` by name or file, ``horizon`` of dates, ``memory`` needed, ``parameter_draws``.

``public_holidays`` are those of a country.
"""
