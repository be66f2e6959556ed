"""Scenarios: ``schema``, ``inheritance`` and ``phases`` of files, ``loading`` by name or file, ``json_schema``.

``economy`` holds calendar, size and firms, ``consistency`` the checks between tables, ``countries`` the country files,
``part`` the base of all tables, ``horizon`` the length of a run, ``memory`` its memory, ``releases`` the parameters of
released versions, ``parameter_draws`` the posterior draws, and ``public_holidays`` the days off.
"""
