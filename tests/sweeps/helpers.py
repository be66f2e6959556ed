"""Sweeps of runs that simulate nothing, in folders of their own."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from sim.sweeps.backends import Backend, Serial
from sim.sweeps.conditions import planned
from sim.sweeps.design import load_design
from sim.sweeps.driving import Manner, drive
from sim.sweeps.folder import VOLATILE, Sweep, create, folder_of, scan
from sim.sweeps.watching import Watch

ROOT = Path(__file__).resolve().parents[2]


def written(folder: Path, axes: Mapping[str, Sequence[Any]], name: str = "noop", **more: Any) -> Path:
    """Write a design of runs that simulate nothing."""
    lines = ['title = "Runs that simulate nothing"', 'engine = "noop"', 'scenarios = ["a"]']
    lines += [f"{key} = {_toml(value)}" for key, value in more.items() if not isinstance(value, dict)]
    for key, value in more.items():
        if isinstance(value, dict):
            lines += [f"[{key}]", *(f"{inner} = {_toml(each)}" for inner, each in value.items())]
    for axis, values in axes.items():
        lines += ["[[axes]]", f'name = "{axis}"', f"values = {_toml(values)}"]
    path = folder / f"{name}.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return f"[{', '.join(map(_toml, value))}]" if isinstance(value, list | tuple) else str(value)


def made(design: Path, out: Path, replicates: int | None = None) -> Sweep:
    """Make the folder of a design."""
    draft = load_design(design, replicates)
    plan = planned(draft)
    return create(folder_of(plan, out), plan, draft.design.replicates, draft.design.limits)


def driven(sweep: Sweep, backend: Backend | None = None, **manner: Any) -> str:
    """Drive a sweep in this process, and say why it stopped."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        watch = Watch(Console(file=nowhere), sweep.folder, sweep.size, 0)
        return drive(sweep, backend or Serial(), watch, Manner(**manner))


def table(sweep: Sweep) -> pl.DataFrame:
    """Read all rows without what says only how they came about."""
    return scan(sweep).drop(VOLATILE)


def digest(rows: pl.DataFrame) -> str:
    """Hash every bit of a table."""
    found = hashlib.sha256(str(rows.schema).encode())
    for column in rows.iter_columns():
        found.update(repr(column.to_list()).encode())  # repr of a float tells every bit
    return found.hexdigest()


def command(design: Path, out: Path, *flags: str) -> list[str]:
    """Give the command line of a sweep, as a user writes it."""
    return [sys.executable, "-c", "from sim.cli import main; main()", "sweep", str(design), "--out", str(out), *flags]


def started(design: Path, out: Path, *flags: str) -> "subprocess.Popen[str]":
    """Start a sweep in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command(design, out, *flags), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def finished(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Wait for a process that a test has started, and kill it if it hangs."""
    try:
        out, err = process.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        out, err = process.communicate()
    return process.returncode, out + err
