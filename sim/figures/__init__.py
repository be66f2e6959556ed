"""Figures, drawn from the tables of results and their manifest alone: one module per figure, on shared modules.

The shared ones, lowest first: ``words`` (English and Chinese), ``fonts``, ``style``, ``context`` (facts of a run),
``effect``, ``sheet`` (the page), ``panels``, ``forest_rows``, ``grids``, ``phase_bar``, ``weekly``,
``labels``. Figures do not import each other, except ``subgroups`` and ``displacement``, which others build on.
"""
