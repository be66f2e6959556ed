"""Figures, drawn only from the tables of results and their manifest: one module for each figure or kind of figure.

These modules import only the shared ones, lowest first: ``words`` (English and Chinese),
``numerals``, ``fonts``, ``style``, ``context`` (facts of a run), ``sheet`` (the page), ``axis``, ``effect``, and on
these ``panels``, ``forest_rows``, ``weekly``, ``labels`` and ``sweep_axes``.
"""
