"""The rules of behaviour: small pure functions to be read, doubted and changed.

``activity``, ``answering`` messages, ``talking`` and meeting, ``working``, ``dates`` of work, ``norms``,
``compliance`` with rules, ``strain``, ``home`` and ``outsiders`` have one subject each; ``hours`` and ``scales`` serve
them. Arguments are scalars, and ``p``: the parameters by name (``sim.core.parameters`` has unit, range and source of
each). A function that ends in ``_target`` returns where a state would settle; the engine moves the state towards it
with ``approach``. States lie between 0 and 1 or are standard deviations (``sim.core.columns.State``). The engine
compiles these functions; without compilation they are plain Python.
"""
