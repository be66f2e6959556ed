"""Paired comparison of worlds that differ only in their rules.

``effects`` estimates differences over ``windows`` of weeks and ``groups`` of people; ``multiplicity`` corrects them;
``weekly``, ``ranking``, ``persons`` and ``phases`` refine them. ``study``, ``comparison``, ``explanation`` (ablation)
and ``readings`` (parameter sets) run; ``precision`` adds replicates; ``summary`` and ``overview`` write text.
"""
