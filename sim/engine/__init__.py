"""The compiled engine: when each rule of ``sim.behaviour`` applies, and to whom.

State: ``people``, ``chats`` and ``state``, built from ``records``; ``clock``. A day: ``start_of_day``, ``day``,
``timing``, ``routing``, ``messages``, ``talking``, ``meetings``, ``outsiders``, ``tasks``, ``questions``, ``dates``,
``delivery``, ``looking``, ``self_interruption``, ``attendance``, ``reading``, ``end_of_day``. At its end:
``wellbeing``, ``norms``, ``payroll``, ``sanctions``. ``pool`` calls ``simulate``, compiled ``ahead``, for groups of
firms. ``policy`` turns levers into rules, ``settling`` finds the settled state, ``record`` keeps weekly sums,
``copies`` checks that no message is lost, and ``agents`` are Mesa's view.
"""
