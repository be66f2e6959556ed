"""The rules of behaviour: small pure functions that a reader can check and change one by one.

Arguments are scalars. ``p`` holds the parameters by name; ``sim.core.parameters`` gives their units, ranges and
sources. States lie between 0 and 1 or are in standard deviations (``sim.core.columns.State``). A function whose name
ends in ``_target`` returns the value at which a state would settle; the engine moves the state there with ``approach``.
M1 to M18 are the mechanisms in docs/odd.md. ``[E1]`` and so on are the sections of docs/evidence.md from which the main
values come; "assumption" means that nothing better is known. The engine compiles these functions, which also run as
plain Python.
"""
