"""Which parameters move the outcomes, and which move the effect of a rule: screening, then shares of the variance.

``ranges`` says what is varied, ``outcomes`` what is looked at, ``pairs`` does one run, ``campaign`` all of them.
``screening`` tells effects from chance, ``indices`` share out the variance, ``tables`` keep what was found, ``telling``
puts it into words, and ``analysis`` does the whole.
"""
