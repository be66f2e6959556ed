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

TITLES = {
    "surveyed": "What independent sources support",
    "report": "The report at its word",
    "audited": "The report after the audit",
}
OPENING = """# How good the shipped fits are

Written by `python -m docs.generate` from the cards in `calibration/`. [Calibration](calibration.md) says what the words
mean.
"""

Card = Mapping[str, Any]


def fits_page() -> str:
    """Write the page.

    Returns
    -------
    str
        Markdown.
    """
    parts = [OPENING]
    for name in SETS:
        card = CALIBRATION / f"{PREFIX}{name}.json"
        if card.is_file():
            parts += [f"## {TITLES[name]}", *_fit(read_json(card))]
    found = sorted(CALIBRATION.glob("campaigns_*.json"))
    if found:
        parts.append("## Two campaigns with other simulations")
    parts += [text for path in found for text in _campaigns(read_json(path))]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _poor(emulators: Mapping[str, Mapping[str, float]]) -> str:
    """Name the emulators that miss more simulations than they should, each left out of their own fit."""
    gates = {name: Validation(each["explained"], each["beyond_90"]) for name, each in emulators.items()}
    poor = [f"{name.replace('_', ' ')} ({_percent(gate.beyond)})" for name, gate in gates.items() if not gate.holds]
    said = "Each left out, more than a fifth of its own simulations were missed by the emulator of"
    return f" {said} {', '.join(poor)}: `--full` has more." if poor else ""


def _fit(about: Card) -> list[str]:
    """Describe a posterior."""
    card = [row for row in about["card"] if row["role"] == "calibrated"]
    fitted = [row for row in about["parameters"] if row["role"] == "fitted"]
    tight = sum(row["kept"] < 0.5 for row in about["directions"])
    apart = max(about["seeds"], key=lambda row: abs(row["gap"]))
    known = {row["parameter"] for row in fitted if row["identified"] != "no"}
    informed = fmean(row["coverage"] for row in about["coverage"] if row["parameter"] in known)
    return [
        f"`{about['command']}`, engine `{about['engine'][:12]}`: {about['simulations']} simulations, "
        f"{about['draws']:,} draws.",
        "\n".join(
            (
                f"- In {about['synthetic_worlds']} synthetic worlds with known parameters 90 % intervals held the "
                f"truth in {_percent(about['coverage_of_90'], 1)} ± {_percent(about['coverage_error'], 1)} of cases, "
                f"those of the {len(known)} parameters that the targets identify at least in part in "
                f"{_percent(informed, 1)}. Of {about['plan']['predictive'] - about['synthetic_worlds']} further "
                "worlds too few draws were left.",
                f"- Emulators missed a 90 % interval in {_percent(about['emulator_errors_beyond_90'], 1)} of direct "
                f"simulations.{_poor(about['emulators'])}",
                "- All targets together: a world as far from them as the report has a chance of "
                f"{_percent(about['joint_chance'])}.",
                f"- {tight} of {len(fitted)} directions have lost at least half of their variance.",
                f"- Two samplings of the same emulators lie {abs(apart['gap']):.2f} sd apart at most "
                f"(`{apart['parameter']}`).",
            )
        ),
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
        "With the model's discrepancy as it is, and times 0 and 2, on the same simulations:",
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
    return f"{100 * share:.{decimals}f} %"


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
            f"- × {factor:g}: standard deviations are {wide:.2f} times as large on average; means that move most, in "
            f"sd: {moved}."
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
        f"Targets `{about['targets']}`, {sides}: no simulation in common. Means lie {middle:.2f} sd apart on average, "
        f"{abs(far['gap']):.2f} at most (`{far['parameter']}`). Distances are second less first, in sd of both; "
        "*apart* is the largest difference of the distribution functions.",
        _table(heads, cells),
        _table(("target", "reported", "model, first", "model, second", "distance in errors"), targets),
    ]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
