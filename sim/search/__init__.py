"""A search for robust rules: several objectives, over the values of levers, under uncertain parameters.

``problem`` reads levers and demands. ``worlds`` simulates pairs of worlds as sweeps. ``process`` is a Gaussian process
over points that share draws, and ``surfaces`` fits it to the effects, over levers and parameters. ``robustness``
measures how rules perform over draws of the parameters, and under which conditions a rule fails. ``analysis`` finds and
thins the Pareto front and, with ``tables``, publishes it as a study.
"""
