"""Bayesian calibration by history matching: priors, waves of simulations, emulators, a posterior and its diagnostics.

``problem`` has the targets on their ``scales`` and ``priors`` the free parameters. ``simulator`` runs one simulation;
``history_matching`` chooses at which parameters. ``emulator`` replaces the simulator, ``sampling`` draws the posterior,
and ``diagnostics`` checks it and compares two. ``campaign`` runs the whole. ``organisation`` fits the parameters that a
message log informs. ``shipped_posteriors`` stores posteriors with the package.
"""
