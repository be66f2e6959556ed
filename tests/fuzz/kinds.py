"""Kinds of files and folders that are read: how a case is made by chance, and what reads it."""

import json
import os
import shutil
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from rich.console import Console

from sim.calibration.priors import Priors, load_priors
from sim.calibration.shipped_posteriors import COLUMNS, read_fit
from sim.core.parameters import TABLE
from sim.evidence.logcolumns import Reading
from sim.evidence.logfile import observe_log
from sim.evidence.targets import check_targets
from sim.files import storage as files
from sim.files.shipped import CALIBRATION, SCENARIOS
from sim.report import scorecard
from sim.runs import result_scenario as stored
from sim.runs import results as store
from sim.runs.identity import engine_version
from sim.scenario.loading import counterfactual, load
from sim.scenario.memory import check_size
from sim.scenario.parameter_draws import load_draws
from sim.sweeps.conditions import plan_of
from sim.sweeps.design import Draft, load_design
from sim.sweeps.folder import open_sweep, read_rows
from sim.sweeps.session import show_status
from tests.fuzz.mutations import as_json, bytes_changed, structure_changed, toml
from tests.sweeps.helpers import driven, made
from tests.sweeps.helpers import written as noop

FEW = 100  # conditions of a design that are listed, and rows of a table of a card


class Case(NamedTuple):
    """What is read, and how."""

    path: Path
    read: Callable[[], object]
    files: tuple[Path, ...]  # that are damaged: kept if the case fails


type Make = Callable[[Random, Path], Case]


def _put(path: Path, content: bytes) -> None:
    """Write a file anew; one that is cut off and written again would wait for the disk."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def _damaged(rng: Random, path: Path, content: bytes, data: Any, write: Callable[[Any], bytes]) -> None:
    """Write a file whose bytes, or what it says, are changed; sometimes both."""
    if rng.random() < 0.6:
        content = write(structure_changed(rng, data))
    if rng.random() < 0.45:
        content = bytes_changed(rng, content)
    _put(path, content)


def _toml_kind(
    folder: Path, pattern: str, name: str, read: Callable[[Path], object], most: tuple[str, int] | None = None
) -> Make:
    """Make a kind of TOML files from those that are shipped, or from the first entries of their list."""
    seeds = [path.read_bytes() for path in sorted(folder.glob(pattern))]
    parsed = [tomllib.loads(content.decode()) for content in seeds]
    for number, data in enumerate(parsed):
        if most and len(data[most[0]]) > most[1]:
            data[most[0]] = data[most[0]][: most[1]]
            seeds[number] = toml(data)

    def make(rng: Random, place: Path) -> Case:
        number = rng.randrange(len(seeds))
        path = place / f"{name}.toml"
        _damaged(rng, path, seeds[number], parsed[number], toml)
        return Case(path, lambda: read(path), (path,))

    return make


def _scenario(path: Path) -> None:
    """Read a scenario as ``run`` and ``check`` do, without running it."""
    found = load(path)
    other = counterfactual(found, path)
    check_size(found, 2 if other else 1)


def _design(path: Path) -> None:
    """Read a design, and list its conditions if they are few."""
    draft = load_design(path)
    if _size(draft) <= FEW:
        plan_of(draft)


def _size(draft: Draft) -> int:
    """Count the points of a design, at least about."""
    counts = [len(axis.values) if axis.values else axis.points or 1 for axis in draft.design.axes]
    return int(np.prod(counts, dtype=float)) * (draft.design.points or 1) * len(draft.design.scenarios)


def _priors(path: Path) -> None:
    """Read priors and draw from them."""
    priors = load_priors(path)
    priors.values(np.full((2, len(priors.fitted)), 0.5))
    Priors(priors.unfitted, ()).values(np.full((2, len(priors.unfitted)), 0.5))


def _draws(rng: Random, place: Path) -> Case:
    """Damage a file of draws: other columns and types, or other bytes."""
    path = place / "draws.parquet"
    path.unlink(missing_ok=True)
    rows = rng.choice((1, 3, 20))
    frame = pl.DataFrame({row.name: np.linspace(row.low, row.high, rows) for row in rng.sample(TABLE, 4)})
    for _ in range(rng.choice((0, 1, 1, 2))):
        if frame.columns:
            frame = rng.choice(_FRAMES)(frame, rng.choice(frame.columns))
    frame.write_parquet(
        path, compression=rng.choice(("zstd", "lz4", "uncompressed", "snappy")), statistics=rng.random() < 0.5
    )
    if rng.random() < 0.6:
        _put(path, bytes_changed(rng, path.read_bytes()))
    return Case(path, lambda: load_draws(str(path)), (path,))


_FRAMES: tuple[Callable[[pl.DataFrame, str], pl.DataFrame], ...] = (
    lambda frame, name: frame.with_columns(pl.lit(None).alias(name)),
    lambda frame, name: frame.with_columns(pl.lit(float("nan")).alias(name)),
    lambda frame, name: frame.with_columns(pl.lit(float("inf")).alias(name)),
    lambda frame, name: frame.with_columns(pl.lit(1e300).alias(name)),
    lambda frame, name: frame.with_columns(pl.lit("x").alias(name)),
    lambda frame, name: frame.with_columns(pl.lit(True).alias(name)),
    lambda frame, name: frame.with_columns(pl.lit(2**63, pl.UInt64).alias(name)),
    lambda frame, name: frame.with_columns(pl.lit(1, pl.Decimal(10, 2)).alias(name)),
    lambda frame, name: frame.with_columns(pl.lit(1, pl.Int8).alias(name)),
    lambda frame, name: frame.with_columns(pl.lit("x").cast(pl.Categorical).alias(name)),
    lambda frame, name: frame.with_columns(pl.lit(1).cast(pl.Datetime).alias(name)),
    lambda frame, name: frame.with_columns(pl.concat_list(name).alias(name)),
    lambda frame, name: frame.with_columns(pl.struct(name).alias(name)),
    lambda frame, name: frame.with_columns(pl.lit(b"x").alias(name)),
    lambda frame, name: frame.drop("x" * 200, strict=False).rename({name: "x" * 200}, strict=False),
    lambda frame, name: frame.drop("", strict=False).rename({name: ""}, strict=False),
    lambda frame, name: frame.clear(),
    lambda frame, name: frame.select([]),
    lambda frame, name: frame.with_columns(pl.lit(0.0).alias("extra\n")),
    lambda frame, name: pl.concat([frame] * 200),
)
_CELLS = (
    "", " ", "x", "ann;bob", "ann,bob", "ann|bob", '"', "'", "a" * 2_000, "\0", "2026-03-02 09:15",
    "2026-02-30 25:61:61", "1772414100", "99999999999999999", "-1", "2026-03-02T09:15:00+99:99",
    "Mon, 02 Mar 2026 09:15:00 +0800", "1969-12-31", "9999-12-31 23:59:59", "0001-01-01", "im", "none", "1", "数",
    "=1+1", ";" * 50, "2026-03-29 02:30:00",
)  # fmt: skip


def _log(rng: Random, place: Path) -> Case:
    """Damage a message log: cells, columns, bytes, and how it is to be read."""
    suffix = rng.choice((".csv", ".csv", ".tsv", ".parquet"))
    path = place / f"log{suffix}"
    path.unlink(missing_ok=True)
    names = ["sender", "recipient", "time", *rng.sample(("thread", "channel", "rank", "text"), rng.randrange(4))]
    rows = [
        [f"p{rng.randrange(6)}", f"p{rng.randrange(6)}", f"2026-03-{1 + n % 20:02} 1{n % 10}:15:00", *"abc"][
            : len(names)
        ]
        for n in range(rng.choice((0, 3, 40, 40, 40, 40, 40)))
    ]
    for _ in range(rng.choice((0, 0, 1, 3, 20)) if rows else 0):
        rng.choice(rows)[rng.randrange(len(names))] = rng.choice(_CELLS)
    if rng.random() < 0.1:
        names[rng.randrange(len(names))] = rng.choice(("", "Sender", "x" * 300, "sender", "time"))
    if suffix == ".parquet":
        columns = {name: pl.Series([row[n] for row in rows], dtype=pl.String) for n, name in enumerate(names)}
        frame = pl.DataFrame(columns)
        for _ in range(rng.choice((0, 1))):
            frame = rng.choice(_FRAMES)(frame, rng.choice(frame.columns))
        frame.write_parquet(path)
    else:
        sign = rng.choice(",\t;|")
        path.write_text("\n".join(sign.join(row) for row in [names, *rows]) + "\n", encoding="utf-8")
    if rng.random() < 0.4:
        _put(path, bytes_changed(rng, path.read_bytes()))
    strange = rng.random() < 0.3
    how = (
        Reading(zone="Asia/Shanghai")
        if not strange
        else Reading(
            columns=rng.choice(({}, {}, {"rank": "text"}, {"sender": "recipient"}, {"thread": ""})),
            zone=rng.choice(("", "", "Asia/Shanghai", "Asia/Shanghai", "Europe/Berlin", "Nowhere", "/etc/passwd")),
            time_format=rng.choice(("", "", "", "", "", "", "", "", "%Y-%m-%d %H:%M:%S", "%", "%Q", "%d", "%s", "\0")),
            between=rng.choice(("", "", "", "", ";", ",|", "]", "^", "\\", "-", "数", "\n", " ")),
            separator=rng.choice(
                ("", "", "", "", "", "", "", "", "", "", ",", ";;", "tab", "数", '"', "\n", "\0", " ")
            ),
        )
    )
    return Case(path, lambda: observe_log(path, how), (path,))


def _results(place: Path) -> Path:
    """Store results, without simulating anything."""
    folder = place / "results"
    scenario = load("pilot_ban")
    facts = {
        "kind": "run", "scenario": scenario.name, "engine": engine_version(), "added_code": {},
        "resolved": scenario.model_dump(mode="json"), "titles": {scenario.name: scenario.title},
    }  # fmt: skip
    effects = pl.DataFrame({
        "scenario": ["pilot_ban"] * 3, "group": ["all"] * 3, "outcome": ["burnout", "share_burnt_out", "x"],
        "unit": ["sd", "share", "x"], "window": ["weeks 3–9: rules fully in force"] * 3, "firms": [12] * 3,
        "baseline": [0.4, 0.5, None], "difference": [0.1, -0.1, None],
        "low": [0.0, -0.2, None], "high": [0.2, 0.0, None],
    })  # fmt: skip
    weeks = pl.DataFrame({"week": [0, 1], "trust": [0.5, 0.7]})
    with store.replacing(folder) as draft:
        pieces = [store.write_piece(draft, "person_week", number, weeks) for number in (0, 1)]
        store.write(draft, {"effects": effects, "firm_week": weeks}, facts, {"person_week": pieces})
    return folder


def _read_results(folder: Path) -> None:
    """Read results as ``compare``, ``plot`` and ``scorecard`` do."""
    stored.is_results(str(folder))
    store.is_sweep(folder)
    results = store.read(folder, whole=True)
    results.scan("person_week").collect()
    scorecard.fill(results.tables.get("effects", pl.DataFrame()))
    stored.scenario_as_run(folder)


def _sweep(place: Path) -> Path:
    """Do a small sweep of runs that simulate nothing."""
    design = noop(place, {"a.b": [1, 2, 3], "c": [0.5, 1.5]}, parameters="point")
    sweep = made(design, place)
    driven(sweep, stop_after=(3, None))
    driven(sweep, stop_after=(3, None))
    attempts = sweep.folder / "attempts"
    attempts.mkdir(exist_ok=True)
    about = {"machine": "elsewhere", "driver": "x", "process": 1, "born": 1, "runs": [[0, 0, 0], [1, 0, 0]]}
    (attempts / "0a.json").write_text(f"{1:09}\n{json.dumps(about)}", encoding="utf-8")
    return sweep.folder


def _read_sweep(folder: Path) -> None:
    """Read a sweep as ``status`` and ``plot`` do."""
    store.is_sweep(folder)
    sweep = open_sweep(folder)
    read_rows(sweep)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        show_status(folder, Console(file=nowhere))


def _fit(place: Path) -> Path:
    """Take the shipped card of a posterior, the first rows of its long tables, with its draws."""
    folder = place / "fit"
    folder.mkdir()
    card = files.read_json(CALIBRATION / "posterior_report.json")
    card[COLUMNS] = {
        name: {column: values[:FEW] for column, values in table.items()} for name, table in card[COLUMNS].items()
    }
    files.write_json(folder / "card.json", card)
    shutil.copyfile(CALIBRATION / "posterior_report.parquet", folder / "card.parquet")
    return folder


def _folder_kind(build: Callable[[Path], Path], read: Callable[[Path], object]) -> Make:
    """Make a kind of folders from one that is built once; each case damages a file of it, or takes it away."""
    known: dict[Path, tuple[Path, dict[Path, bytes]]] = {}

    def make(rng: Random, place: Path) -> Case:
        if place not in known:
            folder = build(place)
            known[place] = folder, {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
        folder, files = known[place]
        for path, content in files.items():
            if not path.is_file() or path.read_bytes() != content:
                _put(path, content)
        path = rng.choice([path for path in files if not path.name.startswith(".")])
        if path.suffix == ".json" and files[path].startswith(b"{"):
            _damaged(rng, path, files[path], json.loads(files[path]), as_json)
        elif rng.random() < 0.1:
            path.unlink()
        else:
            _put(path, bytes_changed(rng, files[path]))
        return Case(folder, lambda: read(folder), tuple(path for path in (path,) if path.is_file()))

    return make


def kinds() -> Mapping[str, tuple[int, Make]]:
    """List the kinds, each with the number of cases that the suite tries.

    Returns
    -------
    Mapping[str, tuple[int, Make]]
        By name.
    """
    return {
        "scenario": (2_000, _toml_kind(SCENARIOS, "*.toml", "mine", _scenario)),
        "design": (500, _toml_kind(SCENARIOS / "sweeps", "*.toml", "mine", _design)),
        "targets": (500, _toml_kind(CALIBRATION, "[ar][ue]*t*.toml", "mine", check_targets)),
        "priors": (500, _toml_kind(CALIBRATION, "priors.toml", "mine", _priors, ("prior", 6))),
        "draws": (500, _draws),
        "log": (500, _log),
        "results": (500, _folder_kind(_results, _read_results)),
        "sweep": (500, _folder_kind(_sweep, _read_sweep)),
        "fit": (100, _folder_kind(_fit, lambda folder: read_fit(folder / "card.json"))),
    }
