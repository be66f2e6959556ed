"""Fitted posteriors in the package: storing them with a report card, reading them, and comparing two."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from sim.calibration.campaign import KIND, POSTERIOR
from sim.calibration.diagnostics import agreement
from sim.core.errors import InputError
from sim.files import storage as files
from sim.files.shipped import CALIBRATION, INSTALLED
from sim.files.storage import Damaged
from sim.runs import results as store
from sim.runs import reuse
from sim.scenario.parameter_draws import PREFIX

SHOWN = ("card", "parameters", "directions", "coverage", "seeds", "discrepancy", "discrepancy_card")  # in the card
DRAWS = "sha256_of_draws"  # key in the card
COLUMNS = "tables"  # key in the card for tables that only figures need, stored by column


def check_place() -> None:
    """Raise ``InputError`` in an installed package, which must not be changed; call it before any work."""
    if INSTALLED:
        raise InputError("--ship writes into calibration/ of a checkout; this is an installed package")


def ship(folder: Path, command: str, place: Path = CALIBRATION) -> Path:
    """Write the posterior of a calibration to where studies look for it, and return the file of draws.

    A report card of the same name, ending in ``.json``, is written beside it and records ``command``.
    """
    results = store.read(folder)
    manifest = results.manifest
    target = place / f"{PREFIX}{manifest['targets']}.parquet"
    seal = files.write_table(target, results.tables[POSTERIOR].cast(pl.Float32), level=19)
    about: dict[str, Any] = {"command": command, DRAWS: seal}
    about |= {key: value for key, value in manifest.items() if key not in ("tables", "written", "command", files.SEAL)}
    about |= {name: results.tables[name].to_dicts() for name in SHOWN}
    columns = {
        name: frame.with_columns(cs.float().round_sig_figs(5)).to_dict(as_series=False)
        for name, frame in results.tables.items()
        if name not in (*SHOWN, POSTERIOR)
    }
    files.write_json(target.with_suffix(".json"), about | {COLUMNS: columns}, _lines)
    return target


def _lines(about: Mapping[str, Any]) -> str:
    """Serialise JSON with one line per key, table row and table of columns, so that diffs stay readable."""
    parts = []
    for key, value in about.items():
        rows = list(value.items()) if key == COLUMNS else value
        text = json.dumps(value, ensure_ascii=False)
        if key == COLUMNS:
            text = "{\n  " + ",\n  ".join(f"{json.dumps(name)}: {json.dumps(table)}" for name, table in rows) + "}"
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            text = "[\n  " + ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in value) + "]"
        parts.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}"


def read_fit(where: Path) -> store.Results:
    """Read a calibration from its results folder, or from the shipped ``.json`` card beside its draws.

    The folder of a shipped calibration is the place for its figures. Raises ``InputError`` for anything else, and
    ``Damaged`` if card and draws do not match.
    """
    if where.suffix != ".json":
        found = store.read(where)
        if found.manifest.get("kind") != KIND:
            raise InputError(f"{where}: holds no calibration but results of the kind '{found.manifest.get('kind')}'")
        return found
    try:
        about = files.read_json(where)
        tables = {name: pl.DataFrame(about.pop(name), infer_schema_length=None) for name in SHOWN if name in about}
        tables |= {name: pl.DataFrame(columns) for name, columns in about.pop(COLUMNS, {}).items()}
        tables[POSTERIOR] = files.read_table(where.with_suffix(".parquet"))
        if files.checked(where.with_suffix(".parquet")) != about[DRAWS]:
            raise Damaged(where, "the draws beside it are of another calibration")
        folder = Path("results") / f"calibration_{about['targets']}"
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
        raise InputError(f"{where}: is no card of a posterior with its draws beside it: {error}") from error
    return store.Results(folder, about, store.Tables(tables, where))


def agree(first: Path, second: Path, out: Path) -> Path:
    """Compare two calibrations, each as for ``read_fit``, and return the results folder made in ``out``.

    Raises ``InputError`` if they have no fitted parameter in common.
    """
    one, other = read_fit(first), read_fit(second)
    fitted, too = (each.tables["parameters"].filter(role="fitted")["parameter"].to_list() for each in (one, other))
    table = agreement(one.tables[POSTERIOR].select(fitted), other.tables[POSTERIOR].select(too))
    if table.is_empty():
        raise InputError(f"{first} and {second}: no parameter was fitted in both")
    manifest = {
        "kind": "agreement",
        **{key: one.manifest[key] for key in ("targets", "title", "seed", "simulations", "draws")},
        **{
            side: {key: each.manifest[key] for key in ("targets", "seed", "engine", "coverage_of_90")}
            for side, each in (("first", one), ("second", other))
        },
    }
    folder = out / f"agreement_{one.manifest['targets']}_{other.manifest['targets']}"
    with store.replacing(folder) as draft:
        store.write(draft, {"agreement": table, "card": _both(one.tables["card"], other.tables["card"])}, manifest)
        reuse.keep_derived(draft, folder)
    return folder


def ship_agreement(folder: Path, command: str, place: Path = CALIBRATION) -> Path:
    """Store the agreement of two calibrations beside the posteriors, and return the file."""
    results = store.read(folder)
    about = {"command": command} | {key: results.manifest[key] for key in ("kind", "targets", "first", "second")}
    about |= {
        name: frame.with_columns(cs.float().round_sig_figs(5)).to_dicts() for name, frame in results.tables.items()
    }
    target = place / f"campaigns_{results.manifest['targets']}.json"
    files.write_json(target, about, _lines)
    return target


def _both(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Join both cards; ``gap`` is the distance of the models in combined errors of the first's target."""
    keys = ("observed", "observed_low", "observed_high", "within", "tension")
    fitted = pl.col("role") == "calibrated"  # fitted rows come before rows that only check the same observable
    once = second.sort(~fitted, maintain_order=True).unique("observable", keep="first", maintain_order=True)
    frame = first.filter(fitted).join(
        once.select("observable", *keys), on="observable", suffix="_second", maintain_order="left"
    )
    error = (pl.col("error") ** 2 + pl.col("discrepancy") ** 2).sqrt()
    return frame.select(
        "observable", "unit", "reported",
        *(pl.col(key).alias(f"first_{key}") for key in keys),
        *(pl.col(f"{key}_second").alias(f"second_{key}") for key in keys),
        gap=(pl.col("observed_second") - pl.col("observed")) / error,
    )  # fmt: skip
