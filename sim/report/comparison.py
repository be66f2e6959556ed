"""Reports of a comparison (effects, the best rule set, winners and losers, displacement) and of an ablation."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from pathlib import Path

import polars as pl
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.comparing.ablation import ALL, CONTRIBUTION_ENDS, EXPECTATION
from sim.figures.context import any_stated
from sim.figures.words import bracketed, counted, has_name, label, phrase, sentences, window_words
from sim.figures.words import say as words
from sim.outcomes import SHOWN
from sim.report.console import Facts, Tables, commas, grid, line, say, semicolons, show
from sim.report.intervals import BEYOND, SURVIVES, any_interval, interval, parameters_drawn, starred, widths
from sim.report.numbers import cited, full_name, share_of, title_of, unit_in_head, unitless, with_unit, world, written
from sim.report.plain import assumptions, basis, few_firms, plain, ranked_on
from sim.report.run import drift_notes, firms_of, lapse, unchanged_firms
from sim.stats.ranks import FEW, best_first, leaders, probability_of_leaders, undecided
from sim.stats.variance import excludes_zero

CELL, PART = 19, 15  # columns of a cell on a terminal with the space before it: of an effect, of a part of one
WHO = ("exhaustion", "hidden_overtime")  # whose winners and losers are shown


def print_comparison(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the overview of a comparison, with the answer in plain sentences first."""
    effects = tables["effects"].filter(group="all")
    names, reference = list(manifest["scenarios"]), cited(manifest, manifest["counterfactual"])
    warning, today = drift_notes(tables, manifest)
    rules = counted(len(names), "scenario") if len(names) > 1 else cited(manifest, names[0])
    say(console, phrase("comparison", "title", rules=rules, reference=reference))
    say(console, *(f"• {escape(text)}" for text in plain(tables, manifest)), *assumptions(manifest), warning)
    console.print()
    for table in effect_tables(effects, names, console.width):
        show(console, table)
    phases = phase_effects(tables)
    for name, rows in phases.items():
        say(console, phrase("comparison", "phased", name=cited(manifest, name)))
        each = rows.unique("scenario", keep="first", maintain_order=True)
        for table in effect_tables(rows, each["scenario"].to_list(), console.width):
            show(console, table)
        where = ((row, escape(_row_name(row["scenario"])), counted(row["firms"], "firm")) for row in each.to_dicts())
        say(console, *(basis(*about) for about in where))
        console.print()
    shown = effects.filter(pl.col("outcome").is_in(SHOWN)).to_dicts()
    by_phase = [row for rows in phases.values() for row in rows.to_dicts()]
    marks = {"survives": SURVIVES, "beyond": BEYOND} if any_interval([*shown, *by_phase]) else {}
    legend = phrase("comparison", "legend" if marks else "legend_bare", reference=reference, **marks)
    few = few_firms(shown, len(names) == 1) or few_firms(by_phase)
    say(console, legend, few, today, widths(shown), lapse(manifest))
    console.print()
    say(console, *best(tables["ranking"]), *gains(tables["persons"], names), displaced(tables["displacement"], names))
    checks = {name: unchanged_firms(effects.filter(scenario=name)) for name in names}
    faults = ((name, text) for name, text in checks.items() if "[bold red]" in text)
    say(console, *(words("headed", head=cited(manifest, name), text=text) for name, text in faults))
    say(console, manifest.get("precision", ""))
    console.print()
    whole = phrase("run", "whole_scope", people=f"{manifest['people']:,}")
    about = {key: f"{manifest[key]:,}" for key in ("replicates", "weeks")}
    simulated = phrase("comparison", "simulated", seed=manifest["seed"], whole=whole, **about)
    say(console, simulated, parameters_drawn(manifest, any_stated(tables)))
    for name in names:
        row, title = effects.filter(scenario=name).row(0, named=True), title_of(manifest, name)
        rule = world(name) if title == world(name) else bracketed(world(name), escape(title))
        say(console, basis(row, rule, firms_of(row)))
    say(console, phrase("comparison", "more", folder=escape(str(folder)), quoted=escape(shlex.quote(str(folder)))))


def phase_effects(tables: Tables) -> dict[str, pl.DataFrame]:
    """Return each scenario's effects by phase, with the phase in place of the scenario; empty if none has phases.

    Phases with the same firms and weeks cannot be distinguished and share a row.
    """
    if "phases" not in tables:
        return {}
    rows, found = tables["phases"].filter(group="all"), {}
    for name in rows["scenario"].unique(maintain_order=True):
        alike: dict[str, list[pl.DataFrame]] = {}
        for part in rows.filter(scenario=name).partition_by("phase", maintain_order=True):
            alike.setdefault(str(part.select("window", "firms", "difference").rows()), []).append(part)
        together = ((commas(_row_name(part["phase"][0]) for part in parts), parts[0]) for parts in alike.values())
        found[name] = pl.concat(part.with_columns(scenario=pl.lit(called)) for called, part in together)
    return found


def effect_tables(effects: pl.DataFrame, names: Sequence[str], width: int) -> list[Table]:
    """Lay out effects, scenarios by headline outcomes, in as many tables as ``width`` characters require."""
    cells = {(row["scenario"], row["outcome"]): row for row in effects.to_dicts()}
    shown = [name for name in SHOWN if (names[0], name) in cells]
    shown = shown or effects["outcome"].unique(maintain_order=True).to_list()
    units = {name: unit_in_head(cells[names[0], name]["unit"], True) for name in shown}
    found = []
    for part, table in narrow_grids(units, [_row_name(name) for name in names], width, CELL):
        for name in names:
            stated = any_interval([cells[name, outcome] for outcome in shown])
            table.add_row(escape(_row_name(name)), *(starred(cells[name, outcome], stated, "\n") for outcome in part))
        found.append(table)
    return found


def _row_name(name: str) -> str:
    """Write a scenario, or a phase, at the head of a row."""
    return label("phase", name) if has_name("phase", name) else world(name)


def narrow_grids(
    units: Mapping[str, str], rows: Sequence[str], width: int, cell: int
) -> Iterator[tuple[Sequence[str], Table]]:
    """Start as many tables as ``width`` requires, with a column of at most ``cell`` characters for each outcome."""
    for part in batched(units, max(1, (width - max(map(cell_len, rows)) - 1) // cell)):
        heads = (f"{label('outcome', name)}\n[dim]{units[name]}[/]" for name in part)
        table = grid("", *heads, padding=(0, 1, 0, 0))
        for column in table.columns[1:]:
            column.justify, column.max_width = "right", cell - 1
            column.overflow = "fold"  # a number that is cut would be another number
        yield part, table


def best(ranking: pl.DataFrame) -> list[str]:
    """Write for each outcome the best rule set with its probability, and the regret of the second best."""
    if ranking.is_empty():
        return []
    first = ranking.row(0, named=True)
    where = ranked_on(ranking)
    lines, unknown = [phrase("comparison", "best", over=label("over", first["over"]), **where)], []
    if undecided(ranking):
        lines = [phrase("comparison", "best_none", **where)]
    elif first["firms"] < FEW:
        lines.append(phrase("comparison", "few_firms", count=first["firms"], enough=FEW))
    for _, part in ranking.filter(pl.col("outcome").is_in(SHOWN)).group_by("outcome", maintain_order=True):
        rows = best_first(part).to_dicts()
        if leaders(rows):
            lines.append(_best(rows))
        else:
            unknown.append(full_name(rows[0]["outcome"]))
    if unknown and not undecided(ranking):
        lines.append(phrase("comparison", "best_unknown", name=semicolons(unknown)))
    return lines


def _best(rows: Sequence[Facts]) -> str:
    """Write which rule set is best in one outcome, from rows with the best first."""
    top, tied = rows[0], leaders(rows)
    name, rules = full_name(top["outcome"]), commas(map(world, tied))
    if len(tied) == len(rows):
        return phrase("comparison", "best_tied", name=name, rules=rules)
    rest = [row for row in rows if row["scenario"] not in tied]
    first = bracketed(rules, share_of(probability_of_leaders(rows)))
    then = bracketed(commas(map(world, leaders(rest))), share_of(probability_of_leaders(rest)))
    if rest[0]["regret"] is None:
        return phrase("comparison", "best_two", name=name, first=first, then=then)
    regret = with_unit(rest[0]["regret"], top["unit"], signed=True).removeprefix("+")
    return phrase("comparison", "best_regret", name=name, first=first, then=then, regret=regret)


def gains(persons: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """Write the shares of people who gain and lose under each scenario."""
    everybody = persons.filter(pl.col("share_better").is_not_null(), group="all")
    lines = []
    for name in names:
        parts = []
        for row in everybody.filter(pl.col("outcome").is_in(WHO), scenario=name).to_dicts():
            shares = {side: _share(row, f"share_{side}") for side in ("better", "worse")}
            parts.append(phrase("comparison", "who", outcome=label("outcome", row["outcome"]), **shares))
        if parts:
            lines.append(phrase("comparison", "who_under", name=world(name), parts=semicolons(parts)))
    return [phrase("comparison", "gains"), *lines] if lines else []


def _share(row: Facts, name: str) -> str:
    """Write a share of people with its interval; a share of zero has none, as other people may differ."""
    share, ends = share_of(row[name]), {end: row[f"{name}_{end}"] for end in ("low", "high")}
    if ends["low"] == ends["high"]:
        return share
    return share + phrase("run", "interval", **{end: share_of(value) for end, value in ends.items()})


def displaced(displacement: pl.DataFrame, names: Sequence[str]) -> str:
    """Write the displacement ratios in one sentence; empty where it is undefined for all scenarios."""
    defined = displacement.filter(pl.col("displaced").is_not_null(), channel="all")
    rows = {row["scenario"]: row for row in defined.to_dicts()}
    parts = []
    for name, row in ((name, rows[name]) for name in names if name in rows):
        ends = interval(row, ends="displaced_{}", signed=False)
        parts.append(f"{world(name)} {written(row['displaced'], '')}{ends}")
    return phrase("comparison", "displaced", parts=semicolons(parts)) if parts else ""


def print_explanation(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the contributions and how to read them."""
    table, rest = tables["explanation"], manifest["remainder"]
    first = table.row(0, named=True)
    level = manifest["counterfactual"] is None
    kind = "level" if level else "effect"
    known = bool((table["low"] < table["high"]).any())
    about = {} if level else {"reference": cited(manifest, manifest["counterfactual"])}
    say(
        console,
        phrase("explanation", f"title_{kind}", name=cited(manifest, first["scenario"]), **about),
        phrase("explanation", "firms", firms=f"{first['firms']:,}", window=window_words(first["window"])),
        parameters_drawn(manifest, known),
        "" if known else phrase("run", "no_interval"),
    )
    for part in _tables(console.width, table, rest, level):
        show(console, part)
    remainder = phrase("explanation", "remainder_note") if rest else ""
    say(console, phrase("explanation", f"reading_{kind}") + remainder, *switched_off(manifest))
    telling = table.filter(pl.col("share") > 0, mechanism=EXPECTATION, outcome="hidden_overtime")
    for row in telling.to_dicts():
        if excludes_zero(row, *CONTRIBUTION_ENDS):
            say(console, phrase("explanation", f"expectation_{kind}", share=written(row["share"], "share")))
    line(console, phrase("run", "results", folder=folder))


def switched_off(manifest: Facts) -> Iterator[str]:
    """Name the mechanisms that the scenario itself switches off; their zero contributions mean nothing."""
    here = manifest.get("resolved", {}).get(manifest.get("scenario"), {}).get("mechanisms", {})
    if names := commas(label("mechanism", each) for each in manifest.get("switches", ()) if not here.get(each, True)):
        yield phrase("explanation", "off", names=names)


def main_mechanisms(table: pl.DataFrame, level: bool) -> Iterator[str]:
    """Write which mechanism contributes most to the effect or level of two outcomes, and which outcomes are unclear."""
    clear = table.filter(pl.col("share").is_finite())
    for outcome in clear["outcome"].unique(maintain_order=True).to_list()[:2]:
        rows = [row for row in clear.filter(outcome=outcome).to_dicts() if excludes_zero(row, *CONTRIBUTION_ENDS)]
        first = max(rows, key=lambda row: float(row["share"]), default=None)
        if first and first["share"] > 0:
            about = {"mechanism": label("mechanism", first["mechanism"]), "share": share_of(first["share"])}
            yield phrase("explanation", "most_level" if level else "most_effect", name=full_name(outcome), **about)
        else:
            yield phrase("explanation", "most_none", name=full_name(outcome))
    zero = pl.all_horizontal(pl.col("effect", "low", "high") == 0) & (pl.col("mechanism") == ALL)
    still = table.filter(zero)["outcome"].to_list()
    known = {*clear["outcome"], *still}
    unclear = [name for name in table["outcome"].unique(maintain_order=True) if name not in known]
    parts = {"whole_unclear": unclear, "whole_zero": still}
    lists = ((key, commas(label("outcome", each) for each in names)) for key, names in parts.items() if names)
    if text := sentences([phrase("explanation", key, names=names) for key, names in lists]):
        yield text


def _tables(width: int, table: pl.DataFrame, rest: Mapping[str, float], level: bool) -> Iterator[Table]:
    """Lay out contributions, mechanisms by outcomes, in as many tables as the width requires."""
    cells = {(row["mechanism"], row["outcome"]): row for row in table.to_dicts()}
    mechanisms, names = (table[key].unique(maintain_order=True).to_list() for key in ("mechanism", "outcome"))
    units = {name: cells[ALL, name]["unit"] for name in names}
    heads = {each: label("mechanism", each) for each in mechanisms}
    said = {name: unit_in_head(unit, not level) for name, unit in units.items()}
    for part, shown in narrow_grids(said, list(heads.values()), width, PART):
        whole = (_total(cells[ALL, name], not level) for name in part)
        shown.add_row(f"[bold]{label('mechanism', ALL)}[/]", *whole)
        for mechanism in mechanisms[1:]:
            shown.add_row(heads[mechanism], *(_contribution(cells[mechanism, name]) for name in part))
        if rest:
            left = (unitless(rest.get(name), units[name], signed=True) for name in part)
            shown.add_row(f"[dim]{phrase('explanation', 'remainder')}[/]", *left)
        yield shown


def _total(row: Facts, change: bool) -> str:
    """Write the whole effect or level; an exact zero is written as 0."""
    return "0" if row["effect"] == row["low"] == row["high"] == 0 else unitless(row["effect"], row["unit"], change)


def _contribution(row: Facts) -> str:
    """Write a contribution with its share, starred if its interval excludes zero."""
    if row["contribution"] == row["contribution_low"] == row["contribution_high"] == 0:
        return "0"
    sure = "*" if excludes_zero(row, *CONTRIBUTION_ENDS) else ""
    share = "" if row["share"] is None else f" {share_of(row['share'])}"
    return f"{unitless(row['contribution'], row['unit'], signed=True)}{sure}[dim]{share}[/]"
