"""Basics that every layer uses.

Definitions: ``errors``, ``units``, names of ``columns``, ``parameters``, names of ``parameter_sets``. Random numbers:
keyed ``draws``, their ``randomness``, and ``elementary`` functions. Compilation: ``compiled`` code, its ``branches``,
arrays passed ``addressed``, the ``code_cache``, ``sources``, the ``user_cache`` of both, and ``notices``. Also Mesa's
``hosting`` and the limits of ``control_groups``.
"""
