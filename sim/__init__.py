"""Simulation of messaging rules at work: burnout, unpaid hours, output, and what a rule costs.

``sim.compare("status_quo", "quiet_hours").effects`` compares two scenarios. ``sim.run``, ``sim.sweep``,
``sim.calibrate``, ``sim.observe`` and ``sim.ask`` do what the commands of the same names do; ``sim.load``,
``sim.changed``, ``sim.names`` and ``sim.read`` support them. ``sim.Workplace`` is the Mesa model. See ``sim.api``.
"""

import logging
import warnings
from importlib import import_module
from typing import Any

warnings.filterwarnings("ignore", "IProgress not found")  # of Mesa's progress bars, in a notebook
_FOLDERS = ("mkdir -p failed", "is not a writable directory", "a temporary cache directory", "the font cache")
for _name in ("matplotlib", "matplotlib.font_manager"):  # figures are drawn even if the home folder is read-only
    logging.getLogger(_name).addFilter(lambda record: not any(part in str(record.msg) for part in _FOLDERS))

_OFFERED = (
    "InputError", "Reading", "Results", "ResultsError", "Scenario", "Workplace", "ask", "calibrate", "changed",
    "compare", "load", "names", "observe", "read", "run", "sweep",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name on first use, so that the command line starts without it."""
    if name in _OFFERED:
        return getattr(import_module("sim.api"), name)
    raise AttributeError(f"module 'sim' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names beside the modules."""
    return [*globals(), *_OFFERED]
