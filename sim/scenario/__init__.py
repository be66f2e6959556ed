"""Scenarios: ``schema``, ``inheritance`` and ``phases`` of files, ``loading`` by name or file, ``json_schema``.

``economy`` is what rules are tried on, ``consistency`` what does not fit together, ``countries`` are files,
``part`` is what all entries share, ``horizon`` are the dates of a run, ``memory`` what it needs, ``releases`` keep the
parameters of versions, ``parameter_draws`` and ``public_holidays`` as they say.
"""
