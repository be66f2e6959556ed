"""The compiled engine: when each rule of ``sim.behaviour`` is applied, and to whom.

State: ``people``, ``chats``, ``state`` made of ``records``, ``clock``. A day: ``start_of_day``, ``day``, ``timing``,
``routing``, ``messages``, ``talking``, ``meetings``, ``outsiders``, ``tasks``, ``questions``, ``dates``,
``delivery``, ``looking``, ``self_interruption``, ``attendance``, ``reading``, ``end_of_day``. At its end:
``wellbeing``, ``norms``, ``payroll``, ``sanctions``. ``pool`` calls ``simulate``, compiled ``ahead``, for groups of
firms; ``policy`` turns levers into rules in force, ``settling`` finds where people come to rest, ``record`` keeps
weekly sums, ``copies`` checks that no message is lost, ``agents`` are Mesa's view.
"""
