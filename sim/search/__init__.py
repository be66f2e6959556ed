"""A search for rules that are robust: many objectives, over the values of levers, under what is not known.

``problem`` reads levers and demands; ``worlds`` simulates pairs of worlds as sweeps; ``process`` is a Gaussian process
over points that share draws, and ``surfaces`` fits it to the effects, over levers and parameters; ``front`` finds and
thins the Pareto front; ``robustness`` says how rules fare over draws of the parameters, and under which conditions one
fails; ``tables`` and ``analysis`` make it a study.
"""
