"""Simulation of messaging rules at work: burnout, unpaid hours, output, and what a rule costs.

``sim.compare("status_quo", "quiet_hours").effects`` compares two scenarios; ``sim.run``, ``sim.sweep``,
``sim.calibrate``, ``sim.observe`` and ``sim.ask`` do what the commands of these names do; ``sim.load``,
``sim.changed``, ``sim.names`` and ``sim.read`` go with them. ``sim.Workplace`` is the Mesa model. See ``sim.api``.
"""

import logging
import warnings
from importlib import import_module
from typing import Any

warnings.filterwarnings("ignore", "IProgress not found")  # of Mesa's progress bars, in a notebook
_FOLDERS = ("mkdir -p failed", "is not a writable directory", "a temporary cache directory", "the font cache")
for _name in ("matplotlib", "matplotlib.font_manager"):  # where home cannot be written, figures are drawn all the same
    logging.getLogger(_name).addFilter(lambda record: not any(part in str(record.msg) for part in _FOLDERS))

_OFFERED = (
    "InputError", "Reading", "Results", "ResultsError", "Scenario", "Workplace", "ask", "calibrate", "changed",
    "compare", "load", "names", "observe", "read", "run", "sweep",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what is offered when it is asked for: the command line starts without it."""
    if name in _OFFERED:
        return getattr(import_module("sim.api"), name)
    raise AttributeError(f"module 'sim' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List what is offered beside the modules."""
    return [*globals(), *_OFFERED]
