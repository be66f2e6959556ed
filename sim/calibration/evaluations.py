"""Cache of expensive simulations: one file each, named by wave and number.

Files are written atomically, so an interrupted campaign resumes where it stopped, and results do not depend on who ran
the simulations or in which order.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from sim.calibration.mapping import Map
from sim.core.errors import OffhoursError, ResultsError
from sim.files import storage as files
from sim.files.storage import Damaged

type Simulate = Callable[[dict[str, float], int], dict[str, float]]
type Told = Callable[[str, int, int], None]

LOST = 0.10  # share of simulations of a wave that may fail


@dataclass(frozen=True)
class Task:
    """A simulation to be run, and the file that will hold its result."""

    simulate: Simulate
    parameters: tuple[tuple[str, float], ...]
    seed: int
    path: Path


def key_of(*facts: Any) -> str:
    """Hash JSON-like facts to twelve hexadecimal digits."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:12]


def seed_of(campaign: int, wave: int, number: int) -> int:
    """Derive the seed of a simulation from those three numbers alone."""
    return int(np.random.SeedSequence([campaign, wave, number]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file atomically; raise ``ResultsError`` if it cannot be written."""
    try:
        files.write_json(path, content)
    except OSError as error:
        raise ResultsError(f"cannot write {path}: {error.strerror or error}; what is done is safe") from error


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a file, or return None if it is missing or damaged."""
    try:
        return files.read_json(path)
    except (OSError, Damaged):
        return None


def perform(task: Task) -> Path:
    """Run a simulation and write its outputs, or the reason why it failed.

    Model, arithmetic and value errors count as failures of that simulation; any other exception propagates.
    """
    began = process_time()
    content: dict[str, Any] = {"parameters": dict(task.parameters), "seed": task.seed}
    try:
        outputs = task.simulate(content["parameters"], task.seed)
        content["outputs"] = {name: value if math.isfinite(value) else None for name, value in outputs.items()}
    except (OffhoursError, ArithmeticError, ValueError) as error:
        content["failure"] = f"{type(error).__name__}: {error}"
    content["seconds"] = round(process_time() - began, 3)
    write_json(task.path, content)
    return task.path


def evaluate(
    folder: Path,
    wave: int,
    simulate: Simulate,
    parameters: Sequence[Mapping[str, float]],
    campaign: int,
    doing: Map,
    told: Told | None = None,
) -> list[dict[str, float] | None]:
    """Run those simulations of a wave that are not cached, and return all outputs in order.

    ``told`` receives the wave, the number done and the total. Failed simulations give None, figures that one could not
    compute NaN. Raises ``ResultsError`` if more than ``LOST`` of them failed.
    """
    tasks = [
        Task(
            simulate,
            tuple(sorted((name, float(value)) for name, value in each.items())),
            seed_of(campaign, wave, number),
            folder / f"wave-{wave}" / f"{number:05d}.json",
        )
        for number, each in enumerate(parameters)
    ]
    found = [_kept(task) for task in tasks]
    todo = [task for task, kept in zip(tasks, found, strict=True) if kept is None]
    done = len(tasks) - len(todo)
    if told:
        told(f"wave {wave}", done, len(tasks))
    for _ in doing(perform, todo):
        done += 1
        if told:
            told(f"wave {wave}", done, len(tasks))
    kept = [each or _kept(task) or {} for each, task in zip(found, tasks, strict=True)]
    failures = [each.get("failure", "nothing was written") for each in kept if "outputs" not in each]
    if len(failures) > LOST * len(tasks):
        raise ResultsError(
            f"wave {wave}: {len(failures)} of {len(tasks)} simulations failed, more than {LOST:.0%}; "
            f"the first says: {failures[0]}"
        )
    return [_numbers(each["outputs"]) if "outputs" in each else None for each in kept]


def _kept(task: Task) -> dict[str, Any] | None:
    """Return the cached content of a task, or None if it is damaged or of other parameters."""
    content = read_json(task.path)
    same = content and content.get("seed") == task.seed and content.get("parameters") == dict(task.parameters)
    return content if same else None


def _numbers(outputs: Mapping[str, float | None]) -> dict[str, float]:
    """Replace null by NaN."""
    return {name: math.nan if value is None else float(value) for name, value in outputs.items()}
