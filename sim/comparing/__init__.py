"""Paired comparison of worlds that differ only in their rules; the modules here compute tables.

``effects`` estimates differences on a ``basis`` of firms, groups of people and weeks. ``stated`` decides which
intervals are shown and corrects them for multiple tests. ``ranking`` and ``winners_losers`` refine the effects.
``comparison`` combines all tables, by week and by phase too. ``ablation`` switches mechanisms off, ``robustness``
compares parameter sets and draws, and ``precision`` adds replicates.
"""
