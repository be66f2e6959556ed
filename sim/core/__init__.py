"""What every layer uses.

``errors``, ``units``, names of ``columns``, ``parameters``, names of ``parameter_sets``; keyed ``draws`` with their
``randomness``, and ``elementary`` functions of mathematics; how engine code is ``compiled``, its ``branches`` weighed,
its arrays ``addressed``, with ``code_cache``, ``sources`` and the ``user_cache`` of both, and ``notices`` of that;
Mesa's ``hosting``; limits of ``control_groups``.
"""
