"""The rules of behaviour: small pure functions of scalars, to be read, doubted and changed.

``answering`` messages, ``working``, ``norms``, ``compliance`` with rules and ``strain`` hold one subject each;
``hours`` and ``scales`` serve them. Times are minutes unless the name says seconds; states are standard deviations or
lie between 0 and 1, as their columns say (``sim.core.columns.State``). What each parameter means, its range and its
source stand in ``sim.core.parameters``. The engine compiles these functions; without compilation they are plain Python.
"""
