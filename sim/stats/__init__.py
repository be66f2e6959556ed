"""Statistics of paired comparisons: ``within``, ``variance``, ``posterior``, ``ranks``, ``sampling``, ``ordered``."""
