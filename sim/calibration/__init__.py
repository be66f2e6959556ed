"""Bayesian calibration by history matching: priors, waves of simulations, emulators, a posterior and its diagnostics.

``problem`` holds the targets on their ``scales`` and ``priors`` the free parameters. ``simulator`` runs one
simulation; ``history_matching`` chooses where. ``emulator`` replaces the simulator, ``sampling`` draws the posterior,
and ``diagnostics`` checks it and compares two. ``campaign`` runs the whole; ``organisation`` fits to a message log
what it informs; ``shipped_posteriors`` keeps what is shipped.
"""
