"""Paired comparison of worlds that differ only in their rules; everything here computes tables.

``effects`` estimates differences over ``windows`` of weeks and ``groups`` of people, with intervals if they can be
``stated``, corrected for ``multiplicity``; ``weekly``, ``ranking``, ``winners_losers`` and ``phases`` refine them,
``accounting`` says where the work went, and ``drift`` how far today moves by itself. ``comparison`` combines all of
these, ``ablation`` switches mechanisms off, ``robustness`` compares parameter sets, ``drivers`` effects draw by draw
with their parameters, and ``precision`` adds replicates.
"""
