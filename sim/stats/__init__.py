"""Statistics of paired comparisons: ``variance``, ``posterior``, ``ranks``, ``sampling``."""
