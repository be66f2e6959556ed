"""Global sensitivity analysis of outcomes and of a rule's effect: Morris screening, then Sobol indices.

``ranges`` sets what is varied and what is measured, ``pairs`` does one run, ``campaign`` all of them.
``screening`` separates effects from chance, ``indices`` decomposes the variance, and ``analysis`` runs the whole and
builds the tables.
"""
