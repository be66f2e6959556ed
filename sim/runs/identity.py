"""Identity of a simulated world: a hash of rules, economy, replicate and engine version.

Worlds with the same identity are bit for bit the same, so only one is simulated. Labels of a scenario (name, titles,
sources, inheritance, what it is compared with) and the number of replicates are not part of it.
"""

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from sim.core import sources
from sim.core.parameters import TABLE
from sim.levers.plugins import PLAIN, code_of
from sim.scenario.schema import Scenario

ENGINE_MODULE = "runs/simulation"  # this module and its imports determine a world
LIBRARIES = ("mesa", "numpy", "polars")  # not numba: compiled and plain Python give equal bits
LABELS = {"name", "title", "title_zh", "group", "represents", "source", "base", "inherit_levers", "compare_with"}
DEFAULT_VALUES = {row.name: row.value for row in TABLE}


@cache
def version_of(module: str) -> str:
    """Hash what the results of a module (a path below ``sim/``) depend on: sources, libraries, processor and system."""
    facts = {
        "sources": sources.version_of(module),
        "libraries": {name: version(name) for name in LIBRARIES},
        "machine": [platform.system(), platform.machine()],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def engine_version() -> str:
    """Hash everything that turns a scenario into a world."""
    return version_of(ENGINE_MODULE)


def content(scenario: Scenario) -> str:
    """Serialise what determines a world as JSON with sorted keys, without labels and the number of replicates.

    Of the country only the names and roles are included. Parameters at their default value and mechanisms that are on
    are left out; plug-ins are included by the hash of their code.
    """
    return content_of(scenario.model_dump(mode="json"))


def content_of(dumped: Mapping[str, Any]) -> str:
    """Do the same for a resolved scenario dumped as JSON data, without modifying it."""
    data = {key: value for key, value in dumped.items() if key not in LABELS}
    data["run"] = {key: value for key, value in dumped["run"].items() if key != "replicates"}
    data["parameters"] = {
        name: value for name, value in dumped["parameters"].items() if value != DEFAULT_VALUES.get(name)
    }
    if data["managers"] == PLAIN:
        del data["managers"]
    if code := code_of({lever["kind"] for lever in dumped["levers"]}, dumped["managers"]):
        data["added_code"] = code
    data["country"] = [dumped["country"][key] for key in ("cities", "industries")]
    data["mechanisms"] = sorted(name for name, on in dumped["mechanisms"].items() if not on)
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def identity(scenario: Scenario, number: int) -> str:
    """Return the SHA-256 that identifies replicate ``number`` (from 0) of a resolved scenario."""
    text = "\0".join((content(scenario), str(number), engine_version()))
    return hashlib.sha256(text.encode()).hexdigest()
