"""Statistics of paired comparisons: ``variance`` and intervals, ``ranks``, ``multiplicity``, ``sampling``."""
