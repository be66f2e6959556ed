"""Fitting the model to what is reported: priors, simulations in waves, emulators, and a posterior that is judged."""
