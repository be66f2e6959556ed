"""Simulation of messaging rules at work: burnout, unpaid hours, output, and what a rule costs.

``sim.compare("status_quo", "quiet_hours").tables["effects"]`` compares two scenarios; ``sim.run``, ``sim.load``,
``sim.changed``, ``sim.names`` and ``sim.read`` go with it. ``sim.Workplace`` is the Mesa model. See ``sim.api``.
"""

from importlib import import_module
from typing import Any

_OFFERED = ("Results", "Scenario", "Workplace", "changed", "compare", "load", "names", "read", "run")


def __getattr__(name: str) -> Any:
    """Import what is offered when it is asked for: the command line starts without it."""
    if name in _OFFERED:
        return getattr(import_module("sim.api"), name)
    raise AttributeError(f"module 'sim' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List what is offered beside the modules."""
    return [*globals(), *_OFFERED]
