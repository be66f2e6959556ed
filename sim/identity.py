"""What decides a simulated world, in one name: the rules, the economy, the replicate and the version of the engine.

Two worlds with the same identity are the same to the bit, so the second need not be simulated. What only labels a
scenario (its name, titles, sources, how its file inherits, what it is compared with) and the number of replicates are
no part of it.
"""

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from sim import sources
from sim.parameters import TABLE
from sim.policies.added import PLAIN, code_of
from sim.schema import Scenario

MODULE = "run"  # what is simulated is decided here and in everything that it imports
LIBRARIES = ("mesa", "numpy", "polars")  # numba is not among them: compiled or not, the bits are the same
LABELS = {
    "name", "title", "title_zh", "group", "represents", "source", "base", "inherit_levers", "compare_with",
}  # fmt: skip
USUAL = {row.name: row.value for row in TABLE}


@cache
def version_of(module: str) -> str:
    """Hash what turns a scenario into what a module gives.

    Parameters
    ----------
    module : str
        As a path below ``sim/``.

    Returns
    -------
    str
        SHA-256 over the sources that the module consists of, the versions of ``LIBRARIES``, and the kind of
        processor and system; hexadecimal digits.
    """
    facts = {
        "sources": sources.digest(sources.imported_by(module)),
        "libraries": {name: version(name) for name in LIBRARIES},
        "machine": [platform.system(), platform.machine()],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def engine_version() -> str:
    """Hash what turns a scenario into a world.

    Returns
    -------
    str
        As from ``version_of``.
    """
    return version_of(MODULE)


def content(scenario: Scenario) -> str:
    """Write what decides a world, and nothing that only labels it.

    Parameters
    ----------
    scenario : Scenario
        A resolved scenario.

    Returns
    -------
    str
        JSON with sorted keys: calendar, run without the number of replicates, population, parameters that are not as
        usual, mechanisms that are off, levers, and what of them and of the managers is added from outside, with the
        hash of its code.
    """
    return content_of(scenario.model_dump(mode="json"))


def content_of(dumped: Mapping[str, Any]) -> str:
    """Write what decides a world, from a scenario as data.

    Parameters
    ----------
    dumped : Mapping[str, Any]
        A resolved scenario, dumped for JSON; it stays as it is.

    Returns
    -------
    str
        As from ``content``.
    """
    data = {key: value for key, value in dumped.items() if key not in LABELS}
    data["run"] = {key: value for key, value in dumped["run"].items() if key != "replicates"}
    data["parameters"] = {name: value for name, value in dumped["parameters"].items() if value != USUAL.get(name)}
    if data["managers"] == PLAIN:
        del data["managers"]
    if code := code_of({lever["kind"] for lever in dumped["levers"]}, dumped["managers"]):
        data["added_code"] = code
    data["mechanisms"] = sorted(name for name, on in dumped["mechanisms"].items() if not on)
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def identity(scenario: Scenario, number: int) -> str:
    """Name one replicate of one world by everything that decides it.

    Parameters
    ----------
    scenario : Scenario
        A resolved scenario.
    number : int
        Number of the replicate, from 0.

    Returns
    -------
    str
        SHA-256, hexadecimal digits.
    """
    text = "\0".join((content(scenario), str(number), engine_version()))
    return hashlib.sha256(text.encode()).hexdigest()
