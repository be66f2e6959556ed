"""Statistics of paired comparisons: ``variance``, ``posterior``, ``ranks``, ``multiplicity``, ``sampling``."""
