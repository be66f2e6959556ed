"""A roll-out as its evaluator would see it: a survey and payrolls instead of the whole world.

``rollout`` says who is treated when, ``survey`` asks, ``estimators`` estimate, ``evaluation`` holds the estimate
against the truth, ``appraisal`` and ``assessment`` judge it over replicates, and ``pilot`` says how large a pilot must
be.
"""
