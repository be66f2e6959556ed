"""The compiled day, its rules, its people, and the few rooms in which Python meets them.

Rules and people: ``behaviour``, ``people``, ``state``, ``clock``. A day: ``timing``, ``routing``, ``messages``,
``tasks``, ``delivery``, ``reading``, ``day``. Its end and the end of a week: ``payroll``, ``sanctions``, ``wellbeing``.
Around it: ``exchange`` is entered from Python, ``policy`` writes what is to be obeyed, ``record`` keeps sums,
``agents`` are views.
"""
