"""Figures, drawn from the tables of results and their manifest alone: one module per figure, or for a few of a kind.

They do not import each other, but the shared modules, lowest first: ``words`` (English and Chinese),
``numerals``, ``fonts``, ``style``, ``context`` (facts of a run), ``sheet`` (the page), ``axis``, ``effect``, and on
these ``panels``, ``forest_rows``, ``weekly``, ``labels`` and ``sweep_axes``.
"""
