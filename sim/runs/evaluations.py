"""Cache of the simulations of a campaign: one file each, named by wave and number.

Files are written atomically, so an interrupted campaign resumes where it stopped. Results do not depend on who ran the
simulations or in which order.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import numpy as np

from sim.core.errors import OffhoursError, ResultsError
from sim.files import storage as files
from sim.files.storage import Damaged
from sim.runs.executor import Executor, Serial, results_as_completed
from sim.runs.progress import Report, wave_name

type Simulate = Callable[[dict[str, float], int], dict[str, float]]

MOST_FAILED = 0.10  # share of simulations of a wave that may fail


class Task(NamedTuple):
    """A simulation to run, and the file for its result."""

    simulate: Simulate
    parameters: dict[str, float]
    seed: int
    path: Path

    def stored_result(self) -> dict[str, Any] | None:
        """Return the stored result, or None if it is missing, damaged or has other parameters."""
        content = read_json(self.path)
        same = content and (content.get("seed"), content.get("parameters")) == (self.seed, self.parameters)
        return content if same else None


class Evaluator(NamedTuple):
    """Who runs the simulations of a campaign, and who receives reports of progress."""

    executor: Executor = Serial()
    progress: Report = lambda *_: None

    def outputs(
        self, folder: Path, wave: int, simulate: Simulate, parameters: Sequence[Mapping[str, float]], campaign: int
    ) -> list[dict[str, float] | None]:
        """Run those simulations of a wave that are not stored, and return all outputs in order.

        A failed simulation gives None, a figure that it could not compute NaN. Raises ``ResultsError`` if more than a
        share ``MOST_FAILED`` failed.
        """
        tasks = [
            Task(
                simulate,
                {name: float(value) for name, value in sorted(each.items())},
                seed_of(campaign, wave, number),
                folder / f"wave-{wave}" / f"{number:05d}.json",
            )
            for number, each in enumerate(parameters)
        ]
        stored = [task.stored_result() for task in tasks]
        todo = [task for task, content in zip(tasks, stored, strict=True) if content is None]
        self.progress(wave_name(wave), len(tasks) - len(todo), len(tasks))
        for number, _ in enumerate(results_as_completed(self.executor, run_task, todo), start=1):
            self.progress(wave_name(wave), len(tasks) - len(todo) + number, len(tasks))
        results = [content or task.stored_result() or {} for content, task in zip(stored, tasks, strict=True)]
        failures = [each.get("failure", "nothing was written") for each in results if "outputs" not in each]
        if len(failures) > MOST_FAILED * len(tasks):
            raise ResultsError(
                f"{len(failures)} of {len(tasks)} simulations failed, more than {100 * MOST_FAILED:.0f} %; "
                f"the first says: {failures[0]}"
            )
        return [_as_numbers(each["outputs"]) if "outputs" in each else None for each in results]


def short_hash(*facts: Any) -> str:
    """Hash JSON-like facts to twelve hexadecimal digits."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:12]


def seed_of(campaign: int, wave: int, number: int) -> int:
    """Derive the seed of a simulation from these three numbers alone."""
    return int(np.random.SeedSequence([campaign, wave, number]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file atomically; raise ``ResultsError`` if it cannot be written."""
    with files.writing(path, "; what is done is safe"):
        files.write_json(path, content)


def read_json(path: Path) -> dict[str, Any] | None:
    """Read a file, or return None if it is missing or damaged."""
    try:
        return files.read_json(path)
    except (OSError, Damaged):
        return None


def run_task(task: Task) -> None:
    """Run a simulation and write its outputs, or the reason why it failed.

    Model, arithmetic and value errors count as failures of that simulation; any other exception propagates.
    """
    began = process_time()
    content: dict[str, Any] = {"parameters": task.parameters, "seed": task.seed}
    try:
        outputs = task.simulate(task.parameters, task.seed)
        content["outputs"] = {name: value if math.isfinite(value) else None for name, value in outputs.items()}
    except (OffhoursError, ArithmeticError, ValueError) as error:
        content["failure"] = f"{type(error).__name__}: {error}"
    content["seconds"] = round(process_time() - began, 3)
    write_json(task.path, content)


def _as_numbers(outputs: Mapping[str, float | None]) -> dict[str, float]:
    return {name: math.nan if value is None else float(value) for name, value in outputs.items()}
