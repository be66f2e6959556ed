"""Global sensitivity analysis of outcomes and of a rule's effect: Morris screening, then Sobol indices.

``ranges`` chooses parameters, their ranges and outcomes. ``pairs`` does one run, and ``campaign`` does all of them.
``screening`` separates effects from chance, ``indices`` decomposes the variance, and ``analysis`` publishes the study.
"""
