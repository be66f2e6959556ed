"""Figures, drawn from the tables of results and their manifest alone: one module per figure, on shared modules.

The shared ones, lowest first: ``words`` (English and Chinese), ``fonts``, ``style``, ``setting`` (facts of a run),
``effect``, ``sheet`` (the page), ``panels``, ``rows`` (forest plots), ``grids``, ``strip`` (time axis), ``weekly``,
``placing`` (labels). Figures do not import each other, except ``who`` and ``displacement``, which others build on.
"""
