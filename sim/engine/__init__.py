"""The compiled day, its people, and the few modules in which Python meets them. ``sim.behaviour`` holds the rules.

Who is there: ``people``, ``chats``, ``state`` made of ``records``, ``clock``. A day: ``timing``, ``routing``,
``messages``, ``tasks``, ``delivery``, ``moments``, ``presence``, ``reading``, ``day``. Between days: ``mornings`` and
``nights``, with ``wellbeing``, ``norms``, ``payroll`` and ``sanctions``. Around it: ``exchange`` is entered from
Python, ``policy`` writes what is to be obeyed, ``record`` keeps sums, ``books`` finds what got lost, ``agents`` are
views.
"""
