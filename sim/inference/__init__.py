"""Fitting the model to what is reported: priors, simulations in waves, emulators, and a posterior that is judged.

``problem`` holds the targets on their ``scales``, ``priors`` the free parameters. ``simulator`` does one simulation,
``evaluations`` keeps it, ``mapping`` does many, ``waves`` says where. ``emulator`` stands for the simulator,
``sampling`` draws the posterior, ``judging`` says what it is worth, and ``agreement`` whether two agree.
"""
