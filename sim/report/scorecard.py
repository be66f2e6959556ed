"""The report's five dimensions as a scorecard.

Cells are defined in ``scorecard.toml``: each shows an outcome of the model, or why the model has none. Energy, carbon
and waste need coefficients from the user, each with its source. Cells without a value are shown with the reason.
"""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from rich.console import Console
from rich.markup import escape

from sim.core.errors import ResultsError, nearest
from sim.figures.context import overview
from sim.figures.words import label, language_in_force, phrase, speaking, window_words
from sim.figures.words import say as words
from sim.files.toml import KeyPath, read
from sim.files.validation import MOST, worded
from sim.outcomes import BY_NAME
from sim.report.console import Facts, Tables, commas, english, grid, line, show
from sim.report.intervals import any_interval, interval, parameters_drawn
from sim.report.numbers import title_of, unit_name, with_unit, written
from sim.report.plain import few_firms, pooling_note
from sim.scenario.inheritance import refused

CELLS = Path(__file__).with_name("scorecard.toml")
NOT_SAID = "not said"
NO_DIFFERENCE = "no difference"  # exactly
VERDICTS = ("better", "worse", "unclear", NO_DIFFERENCE, NOT_SAID)
NUMBERS = ("baseline", "difference", "low", "high")
WHERE = ("window", "firms")  # on which effects of a scenario are measured
NEEDED = ("scenario", "group", "outcome", "unit", *WHERE, *NUMBERS)


class Cell(NamedTuple):
    """A claim of the report, and the outcome that stands for it, if any."""

    dimension: str
    dimension_zh: str
    cell: str
    cell_zh: str
    section: str
    claim: str
    claim_zh: str
    reason: str  # why the outcome represents the claim, or why none does
    reason_zh: str
    outcome: str | None = None
    better: str = ""
    coefficient: str | None = None  # multiplies the outcome
    coefficient_unit: str = ""
    unit: str = ""  # of the product


class Coefficient(NamedTuple):
    """An accounting coefficient supplied by the user."""

    value: float
    source: str


def cells() -> list[Cell]:
    """Read the cells in the order of the report's dimensions."""
    found = []
    for dimension in read(CELLS).data["dimensions"]:
        heading = (dimension["name"], dimension["name_zh"])
        found += [Cell(*heading, **cell) for cell in dimension["cells"]]
    return found


def coefficients(path: Path) -> dict[str, Coefficient]:
    """Read coefficients from TOML, one table with ``value`` (finite, at least 0) and ``source`` for each.

    Raises ``InputError`` with all mistakes.
    """
    document = read(path)
    known = {cell.coefficient: cell.coefficient_unit for cell in cells() if cell.coefficient}
    found: dict[str, Coefficient] = {}
    wrong: list[tuple[KeyPath, str]] = []
    for name, table in islice(document.data.items(), MOST + 1):
        value, source = (table.get(key) if isinstance(table, Mapping) else None for key in ("value", "source"))
        if name not in known:
            wrong.append(worded((name,), None, f"unknown coefficient{nearest(name, known)}"))
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            wrong.append(worded((name,), None, f"value must be a number of 0 or more, in {known[name]}"))
        elif not isinstance(source, str) or not source.strip():
            wrong.append(worded((name,), None, "source must say where the number comes from"))
        else:
            found[name] = Coefficient(float(value), source.strip())
    if wrong:
        raise refused(document, wrong)
    return found


def fill(effects: pl.DataFrame, known: Mapping[str, Coefficient] | None = None) -> pl.DataFrame:
    """Fill in the scorecard, one row per scenario and cell, from the table of effects.

    Values are those of the group ``all``, times the coefficient where the cell has one; for verdicts see ``verdict``.
    Raises ``ResultsError`` if a column or that group is missing.
    """
    if absent := [name for name in NEEDED if name not in effects.columns]:
        raise ResultsError(f"the table 'effects' lacks the column '{absent[0]}'")
    everybody = effects.filter(group="all").with_columns(pl.col(NUMBERS).cast(pl.Float64).fill_nan(None))
    if everybody.is_empty():
        raise ResultsError("the table 'effects' has no rows for the group 'all'")
    rows = []
    for scenario in everybody["scenario"].unique(maintain_order=True):
        mine = everybody.filter(scenario=scenario)
        by_outcome = {str(row["outcome"]): row for row in mine.iter_rows(named=True)}
        about = mine.select("scenario", *WHERE).row(0, named=True)
        rows += [about | _filled(cell, by_outcome, known or {}) for cell in cells()]
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col(NUMBERS).cast(pl.Float64))


def _filled(cell: Cell, effects: Mapping[str, Facts], known: Mapping[str, Coefficient]) -> dict[str, Any]:
    """Fill in one cell; without a row of effects or the coefficient it needs, the verdict is ``NOT_SAID``."""
    reason, reason_zh, row, factor = cell.reason, cell.reason_zh, effects.get(cell.outcome or ""), 1.0
    with speaking("zh"):
        unit_zh = unit_name(cell.coefficient_unit)
    if cell.outcome and row is None:
        reason = f"these results hold no '{cell.outcome}': run again"
        reason_zh = f"结果中没有 {cell.outcome}：请重新运行"
    elif cell.coefficient and cell.coefficient in known:
        factor, source = known[cell.coefficient]
        reason = f"{reason}: {factor:g} {cell.coefficient_unit}, {source}"
        reason_zh = f"{reason_zh}：{factor:g} {unit_zh}，{source}"
    elif cell.coefficient:
        row = None
        reason = f"for the user to supply: {cell.coefficient} in {cell.coefficient_unit}, with its source"
        reason_zh = f"由用户提供：{cell.coefficient}（{unit_zh}）及其来源"
    values = {key: None if row is None or row[key] is None else factor * row[key] for key in NUMBERS}
    outcome = BY_NAME[cell.outcome] if cell.outcome else None
    better = cell.better or outcome.better if outcome else ""
    return {
        **{key: getattr(cell, key) for key in ("dimension", "dimension_zh", "cell", "cell_zh", "section")},
        "claim_of_report": cell.claim,
        "claim_zh": cell.claim_zh,
        "outcome": cell.outcome,
        "unit": cell.unit or outcome.unit if outcome else "",
        "better": better,
        **values,
        "verdict": NOT_SAID if row is None else verdict(values, better),
        "reason": reason,
        "reason_zh": reason_zh,
    }


def verdict(values: Mapping[str, float | None], better: str) -> str:
    """Return the verdict of an interval: better, worse, unclear (zero inside, or unknown) or exactly no difference."""
    low, high = values["low"], values["high"]
    if values["difference"] == 0 and (low is None or low == high == 0):
        return NO_DIFFERENCE
    if low is None or high is None or low <= 0 <= high:
        return "unclear"
    return "better" if (high < 0) == (better == "lower") else "worse"


def print_card(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the scorecards, one table per scenario, and which parameters the results used."""
    rows = tables["scorecard"].to_dicts()
    line(console, *filter(None, (parameters_drawn(manifest, any_interval(rows)), few_firms(rows))))
    ending = "" if english() else f"_{language_in_force()}"
    for (scenario,), card in tables["scorecard"].group_by("scenario", maintain_order=True):
        title = phrase("scorecard", "title", title=title_of(manifest, str(scenario)))
        heads = (phrase("scorecard", key) for key in ("cell", "outcome", "baseline", "change", "verdict"))
        table = grid(*heads, pad_edge=True, title=title)
        before, counts = "", dict(card.group_by("verdict").len().iter_rows())
        for row in card.iter_rows(named=True):
            if row["dimension"] != before:
                table.add_section()
                table.add_row(f"[bold]{escape(row[f'dimension{ending}'])}[/]")
            before = row["dimension"]
            outcome = label("outcome", row["outcome"]) if row["outcome"] else "–"
            cells = (row[f"cell{ending}"], outcome, *_values(row), _verdict(row["verdict"]))
            table.add_row(*map(escape, cells))
        show(console, table)
        where, run = card.row(0, named=True), overview(manifest).about(str(scenario))
        based = phrase("explanation", "firms", firms=f"{where['firms']:,}", window=window_words(where["window"]))
        line(console, based, *filter(None, [pooling_note(run, where["window"])]))
        unsaid = card.filter(verdict=NOT_SAID).iter_rows(named=True)
        each = (phrase("scorecard", "count", count=counts.get(name, 0), verdict=_verdict(name)) for name in VERDICTS)
        single = [phrase("scorecard", "single")] * bool({"better", "worse"} & counts.keys())
        line(console, f"  {commas(each)}", *single, phrase("scorecard", "silent"))
        for row in unsaid:
            line(console, phrase("scorecard", "why", cell=row[f"cell{ending}"], reason=row[f"reason{ending}"]))
        line(console, "")


def _verdict(verdict: str) -> str:
    """Write a verdict: in English as the table has it."""
    return verdict if english() else label("cell", verdict.replace(" ", "_"))


def _values(row: Facts) -> tuple[str, str]:
    unit = row["unit"]
    if row["difference"] is None:
        return "", ""
    change = written(row["difference"], unit, signed=True) + (interval(row) or " –")
    return with_unit(row["baseline"], unit), words("exactly_0") if row["verdict"] == NO_DIFFERENCE else change
