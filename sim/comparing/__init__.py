"""Paired comparison of worlds that differ only in their rules.

``effects`` estimates differences and their intervals; ``windows`` chooses the weeks, ``groups`` the people, and
``multiplicity`` corrects p values. ``weekly``, ``ranking``, ``persons`` and ``phases`` refine an effect. ``study``,
``comparison``, ``explanation`` (ablation of mechanisms) and ``readings`` (several parameter sets) simulate and write
results; ``precision`` adds replicates as needed; ``summary`` and ``overview`` write the text.
"""
