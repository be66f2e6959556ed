"""The page on how good the shipped posteriors are, written from their cards: no number of it is typed."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from sim.calibration.emulator import Validation
from sim.figures.words import phrase
from sim.files.shipped import CALIBRATION
from sim.files.storage import read_json
from sim.outcomes import written
from sim.report.targets import IDENTIFIED
from sim.scenario.parameter_draws import PREFIX, SETS

HALF = 0.5  # explained share of the variance below which an emulator is named
TITLES = {
    "surveyed": "What independent sources support",
    "report": "The report at its word",
    "audited": "The report after the audit",
}
OPENING = """# How good the shipped fits are

How well does the model fit the survey figures under each shipped set of parameters, and which parameters do the figures
identify? The same tables for a new fit:

```sh
make calibrate SET=surveyed     # or report, audited
```
"""
READING = """
[Calibration](calibration.md#how-good-the-fit-is) defines the terms *within*, *nine of ten*, *chance*, *left over*
and *coverage*. The percentage behind a parameter is its contraction: the share of its variance that the targets remove.
*Missed* means that the model's value lies outside the band of the target. ± is a standard error, over synthetic worlds.

Written by `python -m docs.generate` from the cards in `calibration/`.
"""

Card = Mapping[str, Any]


def fits_page() -> str:
    """Write the page.

    Returns
    -------
    str
        Markdown.
    """
    cards = {name: CALIBRATION / f"{PREFIX}{name}.json" for name in SETS}
    fits = {name: read_json(card) for name, card in cards.items() if card.is_file()}
    parts = [OPENING, _overview(fits), READING]
    for name, about in fits.items():
        parts += [f"## {TITLES[name]}", *_fit(about)]
    found = sorted(CALIBRATION.glob("campaigns_*.json"))
    if found:
        parts.append("## Two campaigns with other simulations")
    parts += [text for path in found for text in _campaigns(read_json(path))]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _poor(emulators: Mapping[str, Mapping[str, float]]) -> str:
    """Name the emulators that miss more simulations than they should, each left out of their own fit."""
    gates = {name: Validation(each["explained"], each["beyond_90"]) for name, each in emulators.items()}
    poor = [f"{name.replace('_', ' ')} ({_percent(gate.beyond)})" for name, gate in gates.items() if not gate.holds]
    said = "In leave-one-out validation, these emulators missed more than a fifth of their simulations:"
    text = f" {said} {', '.join(poor)}. `--full` runs more simulations." if poor else ""
    explained = {name.replace("_", " "): gate.explained for name, gate in gates.items()}
    if weak := ", ".join(f"{name} ({_percent(share)})" for name, share in explained.items() if share < HALF):
        text += f" These explain less than half of the variance: {weak}. They hardly inform the fit, and what is left "
        text += "over of their targets says little."
    return text


def _overview(fits: Mapping[str, Card]) -> str:
    """Compare the sets in a table."""
    rows = []
    for name, about in fits.items():
        card, fitted, known = _calibrated(about), _fitted(about), _known(about)
        within = sum(row["within"] for row in card)
        rows.append(
            (f"`{name}`", f"{within} of {len(card)}", f"{len(known)} of {len(fitted)}",
             _percent(about["coverage_of_90"], 1))
        )  # fmt: skip
    heads = ("set", "targets within their band", "parameters identified at least in part", "coverage of 90 % intervals")
    return _table(heads, rows)


def _calibrated(about: Card) -> list[Card]:
    """Return the targets that were fitted."""
    return [row for row in about["card"] if row["role"] == "calibrated"]


def _fitted(about: Card) -> list[Card]:
    """Return the parameters that were fitted."""
    return [row for row in about["parameters"] if row["role"] == "fitted"]


def _known(about: Card) -> set[str]:
    """Return the parameters that the targets identify at least in part."""
    return {row["parameter"] for row in _fitted(about) if row["identified"] != "no"}


def _fit(about: Card) -> list[str]:
    """Describe a posterior."""
    card, fitted, known = _calibrated(about), _fitted(about), _known(about)
    tight = sum(row["kept"] < 0.5 for row in about["directions"])
    apart = max(about["seeds"], key=lambda row: abs(row["gap"]))
    informed = fmean(row["coverage"] for row in about["coverage"] if row["parameter"] in known)
    return [
        f"`{about['command']}`, engine `{about['engine'][:12]}`: {about['simulations']} simulations, "
        f"{about['draws']:,} draws.",
        _table(
            ("target", "reported", "model", "nine of ten", "within", "chance", "left over"),
            (
                (
                    *_target(row), _span(row, "observed"), "yes" if row["within"] else "no", _percent(row["chance"]),
                    _signed(row["tension"]) + " sd",
                )
                for row in card
            ),
        ),
        "\n".join(_identified(fitted)),
        "Checks of the fit:",
        "\n".join(
            (
                f"- **Coverage.** In {about['synthetic_worlds']} synthetic worlds with known parameters, 90 % "
                f"intervals contained the truth in {_percent(about['coverage_of_90'], 1)} ± "
                f"{_percent(about['coverage_error'], 1)} of cases. For the {len(known)} parameters that the targets "
                f"identify at least in part, it was {_percent(informed, 1)}. A further "
                f"{about['plan']['predictive'] - about['synthetic_worlds']} worlds left too few draws to be counted.",
                f"- **Emulators.** {_percent(about['emulator_errors_beyond_90'], 1)} of direct simulations lay outside "
                f"the emulators' 90 % intervals.{_poor(about['emulators'])}",
                "- **All targets together.** A world as far from the targets as the report has a chance of "
                f"{_percent(about['joint_chance'])}.",
                f"- **Directions.** {tight} of {len(fitted)} directions in the space of parameters have lost at least "
                "half of their variance.",
                f"- **Sampling.** Two samplings of the same emulators differ by {abs(apart['gap']):.2f} sd at most "
                f"(`{apart['parameter']}`).",
            )
        ),
        "The same simulations, evaluated with 0, 1 and 2 times the model's discrepancy. The model's values are "
        "predictions of the emulators:",
        _trust(about["discrepancy_card"]),
        _moves(about["discrepancy"]),
    ]  # fmt: skip


def _target(row: Card) -> tuple[str, str, str]:
    """Write a target, what was reported and what the model gives."""
    unit = row["unit"]
    name = row["observable"].replace("_", " ") + ("" if unit in ("share", "ratio") else f", {unit}")
    return name, written(row["reported"], unit), written(row["observed"], unit)


def _span(row: Card, key: str) -> str:
    """Write the ends of nine tenths."""
    return " to ".join(written(row[f"{key}_{end}"], row["unit"]) for end in ("low", "high"))


def _percent(share: float, decimals: int = 0) -> str:
    """Write a share in percent."""
    return f"{100 * share:.{decimals}f} %".replace("-", "−")


def _signed(value: float) -> str:
    """Write a number with its sign."""
    return f"{value:+.1f}".replace("-", "−")


def _identified(fitted: Sequence[Card]) -> list[str]:
    """List parameters by how far they are identified, with their contraction."""
    lines = []
    for how in IDENTIFIED:
        rows = sorted((row for row in fitted if row["identified"] == how), key=lambda row: -row["contraction"])
        names = ", ".join(f"`{row['parameter']}` {_percent(max(row['contraction'], 0))}" for row in rows)
        lines.append(f"- {phrase('fit', f'identified_{how}', listed=names or 'none')}")
    return lines


def _trust(cells: Sequence[Card]) -> str:
    """Set what the emulators foretell of the targets side by side, by size of the discrepancy."""
    factors = sorted({cell["factor"] for cell in cells})
    at = {(cell["factor"], cell["observable"]): cell for cell in cells}
    rows = []
    for cell in (cell for cell in cells if cell["factor"] == 1.0):
        mine = [at[factor, cell["observable"]] for factor in factors]
        name, reported, _ = _target({**cell, "observed": cell["model"]})
        shown = [written(each["model"], each["unit"]) + ("" if each["within"] else ", missed") for each in mine]
        rows.append((name, reported, *shown, *(_signed(each["tension"]) for each in mine)))
    heads = [f"model, × {factor:g}" for factor in factors] + [f"left over, × {factor:g}" for factor in factors]
    return _table(("target", "reported", *heads), rows)


def _moves(cells: Sequence[Card]) -> str:
    """Say how far parameters move with the discrepancy."""
    others = sorted({cell["factor"] for cell in cells} - {1.0})
    usual = {cell["parameter"]: cell["sd"] for cell in cells if cell["factor"] == 1.0}
    lines = []
    for factor in others:
        mine = [cell for cell in cells if cell["factor"] == factor]
        far = sorted(mine, key=lambda cell: -abs(cell["gap"]))[:3]
        wide = sum(cell["sd"] / usual[cell["parameter"]] for cell in mine) / len(mine)
        moved = ", ".join(f"`{cell['parameter']}` {_signed(cell['gap'])}" for cell in far)
        lines.append(
            f"- × {factor:g}: standard deviations are {wide:.2f} times those at × 1 on average. The means that move "
            f"most, in sd: {moved}."
        )
    return "\n".join(lines)


def _campaigns(about: Card) -> list[str]:
    """Describe how two campaigns agree."""
    rows = about["agreement"]
    middle = sum(abs(row["gap"]) for row in rows) / len(rows)
    far = max(rows, key=lambda row: abs(row["gap"]))
    sides = " and ".join(
        f"seed {about[side]['seed']} (coverage {_percent(about[side]['coverage_of_90'], 1)})"
        for side in ("first", "second")
    )
    heads = ("parameter", "first", "second", "means", "of 5 %", "of 95 %", "sd ratio", "apart")
    cells = (
        (
            f"`{row['parameter']}`",
            *(f"{row[f'{side}_mean']:.3g} ± {row[f'{side}_sd']:.2g}".replace("-", "−") for side in ("first", "second")),
            *(f"{row[key]:+.2f}".replace("-", "−") for key in ("gap", "low_gap", "high_gap")),
            f"{row['sd_ratio']:.2f}", f"{row['apart']:.2f}",
        )
        for row in rows
    )  # fmt: skip
    targets = (
        (*_target({**row, "observed": row["first_observed"]}), written(row["second_observed"], row["unit"]),
         _signed(row["gap"]))
        for row in about["card"]
    )  # fmt: skip
    return [
        f"Targets `{about['targets']}`, {sides}. The campaigns have no simulation in common. Means differ by "
        f"{middle:.2f} sd on average and {abs(far['gap']):.2f} sd at most (`{far['parameter']}`). Distances are the "
        "second campaign less the first, in sd of both. *Apart* is the largest difference of the distribution "
        "functions.",
        _table(heads, cells),
        _table(("target", "reported", "model, first", "model, second", "distance in errors"), targets),
    ]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
