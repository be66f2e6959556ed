"""Evaluation of a roll-out from what an evaluator sees, a survey and payrolls, compared with the true effect.

``rollout`` dates the treatment of each firm, ``survey`` makes the data, ``estimators`` estimate, ``evaluation``
compares the estimates with the truth, and ``pilot`` computes the power of pilots by size.
"""
