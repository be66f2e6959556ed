"""Worlds that differ in their rules, compared person by person.

``effects`` estimates differences and their intervals, from ``windows`` of weeks, ``groups`` of people and ``variance``
of their parts; ``multiplicity`` corrects for many questions. ``weekly``, ``ranking``, ``persons`` and ``phases`` look
closer. ``study`` simulates, compares and keeps; ``summary``, ``overview`` and ``precision`` say what was found,
``readings`` under which parameters it holds, ``comparison`` does it for many sets of rules, ``explanation`` for the
mechanisms of one.
"""
