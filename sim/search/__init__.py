"""A search for rules that are robust: many objectives, over the values of levers, under what is not known.

``problem`` reads levers and demands; ``worlds`` simulates pairs of worlds as sweeps; ``process`` is a Gaussian process
over points that share draws, and ``surfaces`` fits it to the effects, over levers and parameters; ``robustness`` says
how rules fare over draws of the parameters, and under which conditions one fails; ``analysis`` finds and thins the
Pareto front and, with ``tables``, makes it a study.
"""
