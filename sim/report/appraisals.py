"""Reports of appraisals: an evaluation, the power of pilots, and the report's five dimensions as a scorecard.

Cells of a scorecard are defined in ``scorecard.toml``: each shows an outcome of the model, or why the model is silent.
Energy, carbon and waste need coefficients with a source from the user. Cells without a value are shown with the reason,
never dropped.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from sim.core.errors import ResultsError, nearest
from sim.figures.context import overview
from sim.figures.evaluation import POWER_BY_CITY, by_city, city_shocks, early_differences, over_replicates
from sim.figures.numerals import number, scale
from sim.figures.words import bracketed, label, phrase, speaking, spoken, window_words
from sim.figures.words import say as words
from sim.files.toml import KeyPath, read
from sim.files.validation import MOST, worded
from sim.outcomes import BY_NAME
from sim.report.console import Facts, Tables, commas, english, grid, line, show
from sim.report.intervals import any_interval, interval, parameters_drawn
from sim.report.numbers import (
    name_of,
    share_of,
    span,
    title_of,
    told_apart,
    unit_in_head,
    unit_name,
    unitless,
    with_unit,
    written,
)
from sim.report.plain import few_firms, pooling_note
from sim.scenario.inheritance import refused

CELLS = Path(__file__).with_name("scorecard.toml")
NOT_SAID = "not said"
NO_DIFFERENCE = "no difference"  # exactly
VERDICTS = ("better", "worse", "unclear", NO_DIFFERENCE, NOT_SAID)
NUMBERS = ("baseline", "difference", "low", "high")
WHERE = ("window", "firms")  # on which effects of a scenario are measured
NEEDED = ("scenario", "group", "outcome", "unit", *WHERE, *NUMBERS)


def _print_title(console: Console, key: str, manifest: Facts, *lines: str) -> None:
    """Print the heading of a report, and which parameters were drawn."""
    title = phrase("evaluation", key, title=title_of(manifest, manifest["scenario"]))
    console.print(escape(title), style="bold", highlight=False)
    line(console, *lines, *_over(manifest), parameters_drawn(manifest, intervals=False))


def _over(manifest: Facts) -> Iterator[str]:
    """Say when the rules end before the run does, for months without them count too."""
    ends = [each["end"] for each in manifest.get("phases", {}).get(manifest["scenario"], ())]
    if ends and max(ends) < str(date.fromisoformat(manifest["start"]) + timedelta(weeks=manifest["weeks"])):
        yield phrase("evaluation", "over", date=max(ends))


def early_sentences(steps: pl.DataFrame) -> Iterator[str]:
    """Say when firms differ from themselves without the rules before the start that counts, by an event study."""
    if not steps.filter(pl.col("period") < 0, pl.col("truth") != 0).is_empty():
        yield phrase("evaluation", "already")


def print_evaluation(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the estimates of ``sim.pilots.evaluation.evaluate`` beside the true effects, by control group."""
    estimates = tables["estimates"]
    _print_title(console, "title", manifest, firms_observed(tables["firms"]), *early_sentences(tables["event_study"]))
    main = estimates.filter(estimator="extended")
    several = int(manifest["replicates"]) > 1
    if several:
        main = over_replicates(main)
    for controls in main["controls"].unique(maintain_order=True):
        keys = ["outcome", "estimate", "range" if several else "interval", "truth", "bias", "covers"]
        keys += [] if several else ["drift"]
        columns = (Column(phrase("evaluation", f"head_{key}"), no_wrap=key != "outcome") for key in keys)
        title = phrase("evaluation", f"against_{controls}")
        table = grid(*columns, pad_edge=True, padding=(0, 1, 0, 0), title=title)
        for row in main.filter(controls=controls).iter_rows(named=True):
            table.add_row(*map(escape, _mean_cells(row) if several else _estimate_cells(row, estimates)))
        show(console, table)
    means = (phrase("evaluation", "note_means", count=manifest["replicates"]),) if several else ()
    notes = ("truth", "bias", *(() if several else ("drift",)), "payroll")
    line(console, *means, *(phrase("evaluation", f"note_{key}") for key in notes))


def firms_observed(firms: pl.DataFrame) -> str:
    """Count the firms that the rules reach, with the dates, and the others."""
    reached = firms.filter(pl.col("start").is_not_null())
    starts = commas(str(day) for day in reached["start"].unique().sort())
    others = firms.height - reached.height
    return phrase("evaluation", "firms", reached=reached.height, starts=starts, others=others)


def trend_text(row: Facts, estimates: pl.DataFrame) -> str:
    """Write the p-value of the trend before the start from the ``sun_abraham`` twin of an estimate; empty if none."""
    same = {key: row[key] for key in ("outcome", "source", "controls")}
    twin = estimates.filter(estimator="sun_abraham", **same)
    drift = twin["p_before"].fill_nan(None)[0] if twin.height else None
    return "" if drift is None else "<0.01" if drift < 0.005 else f"{drift:.2f}"


def _estimate_cells(row: Facts, estimates: pl.DataFrame) -> tuple[str, ...]:
    """Format one estimate, with the p-value of its trend."""
    unit, drift = row["unit"], trend_text(row, estimates)
    keys = ("estimate", "low", "high", "truth", "bias")
    value, low, high, truth, bias = (unitless(row[key], unit, signed=True) for key in keys)
    name = _measured(row)
    if row["covers"] is None:
        return name, value, "–", truth, bias, "–", drift
    covers = phrase("evaluation", "yes" if row["covers"] else "no")
    if truth in (low, high) and row["truth"] not in (row["low"], row["high"]):  # it would not be seen to be inside
        factor = scale(unit).factor
        ends = [factor * row[end] for end in ("low", "high")]
        decimals = told_apart(factor * row["truth"], ends, 1)
        low, high, truth = (number(each, decimals, sign=True) for each in (*ends, factor * row["truth"]))
    return name, value, span(low, high), truth, bias, covers, drift


def _mean_cells(row: Facts) -> tuple[str, ...]:
    """Format the mean of an estimate over replicates."""
    keys = ("estimate", "low", "high", "truth", "bias")
    value, low, high, truth, bias = (unitless(row[key], row["unit"], signed=True) for key in keys)
    covers = phrase("evaluation", "covers_of", covers=row["covers"], count=row["intervals"])
    return _measured(row), value, low if low == high else span(low, high), truth, bias, covers


def _measured(row: Facts) -> str:
    """Name the outcome of an estimate with its unit; † marks a payroll's."""
    name = label("outcome", row["outcome"]) + (" †" if row["source"] == "payroll" else "")
    unit = unit_in_head(row["unit"], True)
    # a Chinese bracket may end up alone at the end of a line
    return words("sweep_axis", name=name, unit=unit) if english() else f"{name} {unit}"


def print_power(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the power of pilots from ``sim.pilots.pilot.power``, a table for each outcome and source."""
    design = by_city(tables["design"], *POWER_BY_CITY)
    _print_title(console, "pilots", manifest, *early_differences(design))
    varied = [key for key in ("months", "people_per_firm") if design[key].n_unique() > 1]
    for outcome, source in design.select("outcome", "source").unique(maintain_order=True).iter_rows():
        mine = design.filter(outcome=outcome, source=source)
        show(console, _power_table(mine, varied))
    first = design.row(0, named=True)
    same = [key for key in ("months", "people_per_firm") if key not in varied]
    fixed = (phrase("evaluation", f"all_{key}", count=first[key]) for key in same)
    line(console, phrase("evaluation", "drawn", pilots=design["pilots"].max(), stock=first["stock"]))
    line(console, "".join(fixed) + phrase("evaluation", "note_power"))
    line(console, *[phrase("evaluation", "note_shock")] * city_shocks(design))


def _power_table(mine: pl.DataFrame, varied: Sequence[str]) -> Table:
    """Lay out the power of pilots for one outcome and source, one row for each size."""
    first = mine.row(0, named=True)
    unit = first["unit"]
    title = commas((label("outcome", first["outcome"]), name_of("source", first["source"]), unit_in_head(unit, True)))
    keys = ("effect", "bias", "power", "detectable", "covers", "alarms", "by_city")
    heads = (phrase("evaluation", f"head_{key}") for key in ("size", *varied, *keys))
    table = grid(*heads, pad_edge=True, padding=(0, 1, 0, 0), title=title)
    for row in mine.iter_rows(named=True):
        low, high, power = row["power_low"], row["power_high"], share_of(row["power"])
        table.add_row(
            f"{row['cities']} × {row['firms']}",
            *(str(row[key]) for key in varied),
            *(unitless(row[key], unit, signed=True) for key in ("effect", "bias")),
            power if low is None else bracketed(power, f"{100 * low:.0f}–{100 * high:.0f}"),
            unitless(row["mde"], unit),
            *(share_of(row[key]) for key in ("coverage", "rejects_placebo", "city_rejects_placebo")),
        )
    return table


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
    """Print the scorecards, one table per scenario, and which parameters the results are of."""
    rows = tables["scorecard"].to_dicts()
    line(console, *filter(None, (parameters_drawn(manifest, any_interval(rows)), few_firms(rows))))
    ending = "" if english() else f"_{spoken()}"
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
