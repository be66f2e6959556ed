"""Reports on tables and manifests, which all print and write numbers, units and intervals in the same way.

``console``, ``numbers`` and ``intervals`` are shared, and ``progress`` shows how far a study is. ``run``,
``comparison``, ``robustness``, ``evaluation``, ``scorecard``, ``targets``, ``sensitivity``, ``learning``, ``search``,
``regions``, ``experiments`` and ``message_log`` write their kinds of results; ``plain`` gives the answer of a run or
comparison in five sentences, in English or Chinese; ``plots`` draws the figures that stored tables allow, and
``webpage`` holds the head of pages and makes the interactive page.
"""
