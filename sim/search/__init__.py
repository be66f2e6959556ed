"""A search for rules that are robust: many objectives, over the values of levers, under what is not known.

``problem`` reads levers and demands; ``worlds`` simulates pairs of worlds as sweeps; ``surfaces`` fits emulators of the
effects over levers and parameters; ``front`` finds and thins the Pareto front; ``robustness`` says how rules fare over
draws of the parameters, ``discovery`` under which conditions one fails; ``tables`` and ``analysis`` make it a study.
"""
