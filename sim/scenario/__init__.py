"""Scenarios: ``schema``, ``inheritance`` and ``phases`` of files, ``loading`` by name or file, ``json_schema``.

``countries`` are files of their own, ``money`` names amounts in their currencies, ``part`` is what all entries share,
``horizon`` are the dates of a run, ``memory`` what it needs, ``releases`` keep the parameters of versions,
``parameter_draws`` and ``public_holidays`` as they say.
"""
