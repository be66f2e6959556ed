"""Paired comparison of worlds that differ only in their rules; everything here computes tables.

``effects`` estimates differences on a ``basis`` of firms, groups of people and weeks, with intervals if they can be
``stated``, corrected for multiple tests; ``ranking`` and ``winners_losers`` refine them. ``comparison`` combines all of
these, week by week and phase by phase too, and says where the work went and how far today moves by itself;
``ablation`` switches mechanisms off, ``robustness`` compares parameter sets and draws, and ``precision`` adds
replicates.
"""
