"""Simulations that were paid for: each is kept in a file of its own, named by wave and number, and never done twice.

A file appears whole or not at all. Whoever is killed, the simulations that were finished are there when the campaign is
started again, and the results are the same whoever did them and in which order.
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

from sim import files
from sim.errors import OffhoursError, ResultsError
from sim.files import Damaged
from sim.inference.mapping import Map

type Simulate = Callable[[dict[str, float], int], dict[str, float]]
type Told = Callable[[str, int, int], None]

LOST = 0.10  # share of simulations of a wave that may fail


@dataclass(frozen=True)
class Task:
    """A simulation to be done."""

    simulate: Simulate
    parameters: tuple[tuple[str, float], ...]
    seed: int
    path: Path


def key_of(*facts: Any) -> str:
    """Name something by what decides it.

    Parameters
    ----------
    *facts : Any
        Numbers, texts, and lists and tables of them.

    Returns
    -------
    str
        Twelve hexadecimal digits.
    """
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:12]


def seed_of(campaign: int, wave: int, number: int) -> int:
    """Give the seed of a simulation.

    Parameters
    ----------
    campaign : int
        Seed of the campaign.
    wave : int
        Number of the wave.
    number : int
        Number of the simulation in it.

    Returns
    -------
    int
        Depends on nothing else.
    """
    return int(np.random.SeedSequence([campaign, wave, number]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file so that it is there whole or not at all, whatever happens.

    Parameters
    ----------
    path : Path
        Where to.
    content : Mapping[str, Any]
        What JSON can say.

    Raises
    ------
    ResultsError
        If it cannot be written.
    """
    try:
        files.write_json(path, content)
    except OSError as error:
        raise ResultsError(f"cannot write {path}: {error.strerror or error}; what is done is safe") from error


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a file that may be missing or damaged.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict[str, Any] | None
        Its content; None if it cannot be used.
    """
    try:
        return files.read_json(path)
    except (OSError, Damaged):
        return None


def perform(task: Task) -> Path:
    """Do a simulation and keep what came out, or why nothing did.

    Parameters
    ----------
    task : Task
        What to do.

    Returns
    -------
    Path
        Its file.
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
    """Do the simulations of a wave that have not been done.

    Parameters
    ----------
    folder : Path
        Where the campaign keeps them.
    wave : int
        Number of the wave.
    simulate : Simulate
        Does one of them.
    parameters : Sequence[Mapping[str, float]]
        Of each.
    campaign : int
        Seed of the campaign.
    doing : Map
        Does many of them.
    told : Told | None
        Is told the wave, how many are done, and of how many.

    Returns
    -------
    list[dict[str, float] | None]
        What came out, in order; None where one failed. A figure that a simulation could not give is not a number.

    Raises
    ------
    ResultsError
        If too many failed.
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
    """Look for a simulation that was done; one of other parameters, or damaged, is done again."""
    content = read_json(task.path)
    same = content and content.get("seed") == task.seed and content.get("parameters") == dict(task.parameters)
    return content if same else None


def _numbers(outputs: Mapping[str, float | None]) -> dict[str, float]:
    """Turn what is missing into what is not a number."""
    return {name: math.nan if value is None else float(value) for name, value in outputs.items()}
