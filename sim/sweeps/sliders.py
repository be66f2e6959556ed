"""From a finished sweep to an interactive page: emulators, their errors, and the words of the page."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from sim.calibration.emulator import TREND_VARIANCE
from sim.figures.sweep_axes import CLOCK
from sim.figures.words import LANGUAGES, country_in_force, has_name, label, phrase, speaking, words
from sim.files.storage import write_text, writing
from sim.outcomes import BY_NAME, Reals
from sim.report.console import line
from sim.report.intervals import other_country
from sim.report.webpage import page
from sim.runs.provenance import command
from sim.runs.results import country_of
from sim.scenario.inheritance import shown
from sim.sweeps.design import DESIGNS
from sim.sweeps.emulation import (
    DEFAULT_OUTCOMES,
    Errors,
    Points,
    Surface,
    axes_of,
    errors_at,
    fit_surfaces,
    fresh_points,
    points_of,
)
from sim.sweeps.folder import Sweep, mean_sizes, open_sweep
from sim.sweeps.parameter_paths import SEEDS
from sim.sweeps.regions import Space

FILE = "page.html"
UNITLESS = {"1", "0..1", "share", "chance", "weight", "ratio"}  # units of axes that are not written after a number

type Both = dict[str, str]  # by language


def make_page(
    folder: Path, outcomes: Sequence[str], check: Path | None, out: Path | None, language: str, notes: Console
) -> None:
    """Write the page of the sweep in ``folder``, by default into that folder.

    ``check`` is the folder of a sweep of the same axes at other points. Raises ``InputError`` for a sweep that is not
    suitable for a page, and ``ResultsError`` if a sweep cannot be read or the page not written.
    """
    sweep = open_sweep(folder)
    line(notes, phrase("sweep", "fitting", name=sweep.plan.name))
    made = page_content(sweep, outcomes or DEFAULT_OUTCOMES, open_sweep(check) if check else None, language)
    out = out or folder / FILE
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        write_text(out, page(made))
    line(notes, phrase("sweep", "page", file=shown(out)))


def page_content(sweep: Sweep, outcomes: Sequence[str], other: Sweep | None, language: str = "en") -> dict[str, Any]:
    """Fit the emulators of a sweep and describe them, with all words, as a JSON object."""
    axes = axes_of(sweep)
    points = points_of(sweep, axes, outcomes)
    fresh = fresh_points(points, sweep, other, axes, outcomes) if other else None
    found = fit_surfaces(points, len(axes), outcomes)
    names = list(points)
    file = f"{sweep.plan.name}.toml"
    given = sweep.plan.name if (DESIGNS / file).is_file() else file
    swept = sweep.manifest.get("command") or f"offhours sweep {given}"
    start = Space.over(axes, {}).unit(np.array([[axis["start"] for axis in axes]]))
    with speaking(language, country_of({"resolved": sweep.plan.bases})):
        return {
            "title": _title_in_all(sweep.plan.titles),
            "language": language,
            "axes": [_axis(axis) for axis in axes],
            "rules": [
                _rule(sweep, name, [each for each in found if each[0].scenario == name], fresh) for name in names
            ],
            "quantiles": found[0][0].quantiles,
            "words": words()["sliders"],
            "about": {"points": len(found[0][0].unit), "runs": sweep.size},
            "sentences": _sentences(sweep, axes, names, len(found[0][0].unit), other),
            "command": f"{swept} ; {command() or f'offhours page results/sweeps/{sweep.folder.name}'}",
            "checks": [
                _checked(name, [surface for surface, _ in found if surface.scenario == name], unit)
                for name in names
                for unit in (start, np.full_like(start, 0.5), np.full_like(start, 1.25))
            ],
        }


def _rule(sweep: Sweep, name: str, found: Sequence[tuple[Surface, Errors]], fresh: Points | None) -> dict[str, Any]:
    """Describe the emulators of a scenario, and the distance from which a point is far from all simulated ones."""
    unit = found[0][0].unit
    apart = np.sqrt(((unit[:, None] - unit[None]) ** 2).sum(axis=2))
    apart[np.diag_indices(len(unit))] = np.inf
    base = sweep.plan.bases[name]
    return {
        "name": name,
        "title": _title_in_all({"en": base.get("title", name), "zh": base.get("title_zh", "")}),
        "points": unit.tolist(),
        "far": float(apart.min(axis=1).max()),
        "surfaces": [
            _surface(surface, {"left_out": errors} | ({"fresh": errors_at(surface, fresh)} if fresh else {}))
            for surface, errors in found
        ],
    }


def _surface(surface: Surface, errors: Mapping[str, Errors]) -> dict[str, Any]:
    """Describe an emulator: its formula, the format of numbers, and its errors."""
    outcome, share = BY_NAME[surface.outcome], BY_NAME[surface.outcome].unit == "share"
    mean, _ = surface.moments(surface.unit)
    factor, typical = 100.0 if share else 1.0, 2 * errors["left_out"].error
    digits = int(np.clip(1 - np.floor(np.log10(factor * typical)), 0, 4)) if typical > 0 else 1
    return {
        "outcome": outcome.name,
        "label": _label_in_all("outcome", outcome.name),
        "unit": _label_in_all("unit", "pp" if share else outcome.unit),
        "levelUnit": _label_in_all("unit", outcome.unit),
        "direction": outcome.direction,
        "factor": factor,
        "digits": digits,
        "reference": surface.reference,
        "low": float(mean.min()),
        "high": float(mean.max()),
        "process": _process(surface),
        "errors": {kind: each._asdict() | {"explained": _known(each.explained)} for kind, each in errors.items()},
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _process(surface: Surface) -> dict[str, Any] | None:
    """Return the numbers of the Gaussian process; None for an effect that is zero at all points."""
    emulator = surface.effect.emulator
    if emulator is None:
        return None
    about, noise = emulator.kernel.k1, emulator.process.kernel.k2
    return {
        "plane": emulator.plane.tolist(),
        "trend": TREND_VARIANCE,
        "height": emulator.height,
        "amplitude": float(about.k1.constant_value),
        "lengths": np.broadcast_to(about.k2.length_scale, surface.unit.shape[1]).tolist(),
        "white": float(noise.noise_level),
        "noise": emulator.noise,
        "rest": emulator.process.rest.tolist(),
    }


def _axis(axis: Mapping[str, Any]) -> dict[str, Any]:
    last = axis["name"].split(".")[-1]
    kind = next((kind for kind in ("parameter", "field", "group") if has_name(kind, last)), "parameter")
    own = {"en": axis["label"], "zh": axis["label_zh"]} if axis["label"] else {}
    said = kind == "field" and not own and last.endswith(f"_{axis['unit'].replace(' ', '_')}")  # in the name
    bare = said or axis["unit"] in UNITLESS | {CLOCK}
    return {
        "column": axis["column"],
        "label": _title_in_all(own or _label_in_all(kind, last)),
        "unit": dict.fromkeys(LANGUAGES, "") if bare else _label_in_all("unit", axis["unit"]),
        "clock": axis["unit"] == CLOCK,
        "log": axis["scale"] == "log",
        **{key: axis[key] for key in ("low", "high", "start", "whole", "lever")},
    }


def _checked(name: str, found: Sequence[Surface], unit: Reals) -> dict[str, Any]:
    """Predict at a point of the unit cube, so that a page can check its own calculation."""
    moments = [surface.moments(unit) for surface in found]
    return {
        "rule": name, "unit": unit[0].tolist(), "means": [float(mean[0]) for mean, _ in moments],
        "spreads": [float(spread[0]) for _, spread in moments],
    }  # fmt: skip


def _sentences(
    sweep: Sweep, axes: Sequence[Mapping[str, Any]], names: Sequence[str], points: int, other: Sweep | None
) -> dict[str, list[Both]]:
    """Write what a reader must know before believing a number."""
    plan, run = sweep.plan, sweep.plan.bases[names[0]].get("run", {})
    about = sweep.manifest["parameters"] or {}
    drawn_from = str(about.get("name"))
    called = words()["reading"].get(drawn_from, {})
    values = {
        "people": round(sweep.replicates * mean_sizes(sweep).get("people", run.get("people", 0))),
        "weeks": len(plan.lenses[0].get("weeks", ())),
        "points": points, "method": plan.method, "engine": plan.version[:12], "sweep": sweep.folder.name,
        "set": {one: called.get(one, drawn_from) for one in LANGUAGES}, "draws": sweep.replicates,
        "fresh": other.plan.points if other else 0, "scenario": names[0],
    }  # fmt: skip
    seeds = [axis["column"] for axis in plan.axes if axis["name"] == SEEDS]
    others = bool(seeds) and plan.conditions[seeds[0]].n_unique() > 1  # firms at other points
    own = ("reads_own",) if others else ("reads_own_draws", "reads_same_firms")
    drawn = "reads_common" if about.get("draws") else "reads_table"
    fixed = (drawn,) if others else (drawn, "reads_same_firms")
    start = "reads_start" if all(axis["usual"] for axis in axes) else "reads_start_near"
    keys = {
        "reading": (
            "reads_effect", "reads_interval", *(own if plan.own_draws and about.get("draws") else fixed), start,
        ),
        "trusting": ("trusts_model", "trusts_range", "trusts_left_out", "trusts_fresh" if other else "trusts_nothing"),
        "made": ("made_of",),
    }  # fmt: skip
    said = {part: [_filled(key, values) for key in several] for part, several in keys.items()}
    abroad = _in_all_languages(other_country, {"resolved": plan.bases})
    return {**said, "trusting": [*said["trusting"], *[abroad] * any(abroad.values())]}


def _filled(key: str, values: Mapping[str, Any]) -> Both:
    """Return a row of the page's words with its braces filled in."""
    return {one: words()["sliders"][key][one].format_map({**values, "set": values["set"][one]}) for one in LANGUAGES}


def _label_in_all(kind: str, name: str) -> Both:
    """Return a name in all languages; a name missing from the table of words is the same in all."""
    return _in_all_languages(label, kind, name)


def _in_all_languages(how: Callable[..., str], *about: Any) -> Both:
    """Write something in all languages, for the country in force."""
    found = {}
    for one in LANGUAGES:
        with speaking(one, country_in_force()):
            found[one] = how(*about)
    return found


def _title_in_all(titles: Mapping[str, str]) -> Both:
    """Return a title in all languages, in English where there is no other."""
    return {name: titles.get(name) or titles["en"] for name in LANGUAGES}
