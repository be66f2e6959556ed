"""The rules of behaviour: small pure functions that a reader can check and change one by one.

Subjects: ``activity``, ``answering`` messages, ``talking``, ``working``, ``dates``, ``norms``, ``compliance``,
``strain``, ``home``, ``outsiders``; helpers: ``hours``, ``scales``. Arguments are scalars. ``p`` holds the parameters
by name; see ``sim.core.parameters`` for units, ranges and sources. States lie between 0 and 1 or are in standard
deviations (``sim.core.columns.State``). A function ending in ``_target`` returns where a state would settle; the engine
moves it there with ``approach``. M1 to M18 are mechanisms of docs/odd.md. ``[E1]`` etc. are the sections of
docs/evidence.md for the main values; "assumption" means that nothing better is known. The engine compiles the
functions; they also run as plain Python.
"""
