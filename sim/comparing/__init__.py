"""Paired comparison of worlds that differ only in their rules.

``effects`` estimates differences over ``windows`` of weeks and ``groups`` of people; ``weekly``,
``ranking``, ``winners_losers`` and ``phases`` refine them. ``study``, ``comparison``, ``ablation`` and ``robustness``
(to parameter sets) run; ``precision`` adds replicates; ``summary`` and ``overview`` write text.
"""
