"""Bayesian calibration by history matching: priors, waves of simulations, emulators, a posterior and its diagnostics.

``problem`` holds the targets on their ``scales`` and ``priors`` the free parameters. ``simulator`` runs one simulation,
``evaluations`` caches it and ``mapping`` is the interface for running many; ``waves`` chooses where. ``emulator``
replaces the simulator, ``sampling`` draws the posterior, ``judging`` checks it, and ``agreement`` compares two.
"""
