"""Reports: what readers see of tables and manifests, with one way to print, and to write numbers, units and intervals.

``console``, ``numbers`` and ``intervals`` are shared, and ``progress`` shows how far a study is. ``run``,
``comparison``, ``robustness``, ``evaluation``, ``scorecard``, ``targets``, ``sensitivity``, ``learning``, ``search``,
``regions``, ``experiments`` and ``message_log`` write their kinds of results; ``plain`` gives the answer of a run or
comparison in five sentences, in English or Chinese; ``plots`` draws the figures that stored tables allow, and
``webpage`` holds the head of pages and makes a page to play with.
"""
