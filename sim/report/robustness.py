"""Reports on robustness to the evidence: which conclusions of comparisons and studies depend on the parameter set."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from sim.comparing.robustness import CONTRADICT, HOLDS, ONLY, SURE_PROBABILITY, UNCLEAR, ZERO
from sim.figures.numerals import below, in_percent
from sim.figures.words import counted, label, own_title, phrase, sentences
from sim.figures.words import say as words
from sim.outcomes import SHOWN
from sim.report.console import Facts, Tables, commas, grid, line, say, semicolons, show
from sim.report.intervals import any_interval, bare_interval, few_draws, few_replicates, other_country, starred, widths
from sim.report.numbers import cited, full_name, parameter_set, share_of, title_of, unit_in_head, unitless, world
from sim.report.plain import assumptions, basis, few_firms, ranked_on
from sim.stats.ranks import FEW, undecided
from sim.stats.variance import excludes_zero

APART = "≠"


def print_readings(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the estimates under each set and which conclusions depend on the set."""
    about, names = manifest["readings"], manifest["scenarios"]
    sets = [each["name"] for each in about]
    paired = "conclusions" in tables
    reference = cited(manifest, *[manifest["counterfactual"]] * paired)
    against = phrase("robustness", "against", reference=reference) if paired else ""
    under = phrase("step", "and").join(map(parameter_set, sets))
    whole = phrase("run", "whole_scope" if paired else "whole", people=f"{manifest['people']:,}")
    say(
        console,
        phrase("robustness", "title", names=cited(manifest, *names), against=against, sets=under),
        phrase("robustness", "simulated", seed=manifest["seed"], weeks=f"{manifest['weeks']:,}", whole=whole),
    )
    for each in about:
        drawn = phrase("robustness", "drawn" if each["draws"] else "fixed", count=f"{each['draws'] or 1:,}")
        place = escape(str(folder.parent / each["folder"]))
        about_set = {"name": parameter_set(each["name"]), "count": each["replicates"]}
        reached = escape(each.get("precision", ""))
        say(console, phrase("robustness", "set", **about_set, drawn=drawn, folder=place), reached)
    where = tables["readings"].unique(("scenario", "window", "firms", "people"), keep="first", maintain_order=True)
    for row in where.to_dicts():
        say(console, basis(row, cited(manifest, row["scenario"]), counted(row["firms"], "firm")))
    say(console, other_country(manifest), *assumptions(manifest))
    for name in names:
        show(console, _table(tables, name, sets, title_of(manifest, name)))
    fewer = _few([(each["draws"], each["replicates"]) for each in about])
    shown = tables["readings"].filter(pl.col("outcome").is_in(SHOWN))
    rows = (shown if paired else shown.drop("difference").rename({"scenario_value": "value"})).to_dicts()
    kind = "legend" if paired else "legend_levels"
    legend = phrase("robustness", kind, apart=APART, first=parameter_set(sets[0])) if any_interval(rows) else ""
    say(console, legend, few_firms(rows), widths(rows), *fewer)
    console.print()
    if paired:
        say(console, *_depends(tables, sets, manifest))
    if "best" in tables:
        say(console, *_best(tables, sets))
    console.print()
    say(console, phrase("robustness", "more", folder=escape(str(folder))))


def _table(tables: Tables, scenario: str, sets: Sequence[str], title: str) -> Table:
    """Lay out one scenario, outcomes by sets, with the combined conclusion."""
    mine = tables["readings"].filter(pl.col("outcome").is_in(SHOWN), scenario=scenario)
    cells = {(row["outcome"], row["reading"]): row for row in mine.to_dicts()}
    conclusions = tables["conclusions"].filter(scenario=scenario).to_dicts() if "conclusions" in tables else []
    found = {row["outcome"]: row for row in conclusions}
    heads = ["", *map(parameter_set, sets), *[phrase("robustness", "together")] * bool(found)]
    table = grid(*heads, padding=(0, 1, 0, 0), title=words("headed", head=world(scenario), text=title))
    table.title_style = "bold"
    stated = any_interval(list(cells.values()))
    for outcome in (name for name in SHOWN if (name, sets[0]) in cells):
        unit = unit_in_head(cells[outcome, sets[0]]["unit"], bool(found))
        row = [_cell(cells[outcome, name], bool(found), stated) for name in sets]
        apart = [excludes_zero(cells[outcome, name], "apart_low", "apart_high") for name in sets]
        if found:
            known = stated or found[outcome]["conclusion"] != UNCLEAR  # without any interval nothing is known
            row.append(clause(found[outcome], sets) if known else "–")
            apart = [*[False] * len(sets), any(apart)]
        row = [text + f" {APART}" * off for text, off in zip(row, apart, strict=True)]
        table.add_row(f"{label('outcome', outcome)} [dim]{unit}[/]", *row)
    return table


def _cell(row: Facts, paired: bool, stated: bool) -> str:
    """Write a change or a level with its interval, or a dash for it if others of the table are ``stated``."""
    if paired:
        return starred(row, stated)
    level = unitless(row["scenario_value"], row["unit"])
    return f"{level} [dim]{bare_interval(row, signed=False)}[/]" if stated and level != "–" else level


def clause(row: Facts, sets: Sequence[str], known: bool = True) -> str:
    """Write a conclusion in a few words, as in "lower under both"; "only" if it is ``known`` of all sets."""
    kind, count = row["conclusion"], {1: "one", 2: "two"}.get(len(sets), "many")
    says = _conclusion(row["says"])
    if kind == ONLY:
        under = phrase("step", "and").join(map(parameter_set, row["under"].split(", ")))
        return phrase("robustness", "only" if known else "under", says=says, sets=under)
    if kind == CONTRADICT:
        return phrase("robustness", "contradict", says=says)
    if kind == HOLDS:
        return phrase("robustness", f"holds_{count}", says=says)
    return phrase("robustness", f"{kind}_{count}")


def _conclusion(text: str) -> str:
    """Write the conclusion of sets on a sign or the best rule; for a contradiction, that of each set."""
    parts = (part.rpartition(": ") for part in re.split(r", (?=[^,]+: )", text))
    return commas(f"{parameter_set(name)} {_verdict(value)}" if name else _verdict(value) for name, _, value in parts)


def _verdict(text: str) -> str:
    """Write lower, higher, or the name of a rule."""
    return phrase("run", text) if text in ("lower", "higher") else _rules(text)


def answer(tables: Tables, sets: Sequence[str], outcome: str) -> list[str]:
    """Count the signs that depend on the set, and write which rule is best for an outcome, as plain text."""
    said = [_signs(tables, sets)]
    ranks = {name: tables[name].filter(outcome=outcome) for name in ("best", "ranking") if name in tables}
    if "best" in ranks and ranks["best"].height:
        said.append(sentences([each.removeprefix("• ") for each in _best(ranks, sets)]))
    return [Text.from_markup(each).plain for each in said]


def _signs(tables: Tables, sets: Sequence[str]) -> str:
    """Count the signs of effects by the joint conclusion of the sets, if there are enough firms to know any."""
    rows = tables["readings"].filter(pl.col("outcome").is_in(SHOWN)).to_dicts()
    if not any_interval(rows) and few_firms(rows):
        return phrase("robustness", "unknown_signs")
    shown = tables["conclusions"].filter(pl.col("outcome").is_in(SHOWN))
    counts = dict(shown.group_by("conclusion").len().iter_rows())
    many = "two" if len(sets) == 2 else "many"
    listed = commas(
        phrase("robustness", f"count_{key}" if key == CONTRADICT else f"count_{key}_{many}", count=counts[key])
        for key in (HOLDS, ONLY, CONTRADICT, UNCLEAR, ZERO)
        if key in counts
    )
    return phrase("robustness", "signs", count=shown.height, listed=listed)


def _depends(tables: Tables, sets: Sequence[str], manifest: Facts) -> Iterator[str]:
    """List the conclusions that depend on the set, and count the others."""
    yield _signs(tables, sets)
    shown = tables["conclusions"].filter(pl.col("outcome").is_in(SHOWN))
    only, apart = pl.col("conclusion") == ONLY, pl.col("apart")
    differ = shown.filter(apart & only | (pl.col("conclusion") == CONTRADICT))
    alike = shown.filter(~apart & only)
    if differ.is_empty() and alike.is_empty() and HOLDS in shown["conclusion"]:
        yield phrase("robustness", "none")
    for head, part in (("depend", differ), ("may_agree", alike)):
        for name, mine in part.group_by("scenario", maintain_order=True):
            listed = semicolons(_grouped(mine.to_dicts(), sets))
            yield phrase("robustness", head, name=cited(manifest, str(name[0])), listed=listed)


def _grouped(rows: Sequence[Facts], sets: Sequence[str]) -> Iterator[str]:
    """Yield conclusions, merging outcomes that share the same words."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(clause(row, sets), []).append(label("outcome", row["outcome"]))
    for text, outcomes in found.items():
        yield f"{words('list').join(outcomes)} {text}"


def _best(tables: Tables, sets: Sequence[str]) -> Iterator[str]:
    """Write for each outcome which rule is best under each set, and on which firms and weeks."""
    ranking = tables["ranking"]
    if undecided(ranking):
        yield phrase("comparison", "best_none", **ranked_on(ranking))
        return
    yield phrase("robustness", "best", sure=share_of(SURE_PROBABILITY), **ranked_on(ranking))
    fewest = min(ranking["firms"])
    if fewest < FEW:
        yield phrase("comparison", "few_firms", count=fewest, enough=FEW)
    silent, rows = [], tables["best"].filter(pl.col("outcome").is_in(SHOWN))
    for (outcome,), part in rows.group_by("outcome", maintain_order=True):
        mine = part.to_dicts()
        if not any(row["best"] for row in mine):
            silent.append(full_name(str(outcome)))
            continue
        each = (words("headed", head=parameter_set(row["reading"]), text=_top(row)) for row in mine)
        says = clause(mine[0], sets, known=all(row["best"] for row in mine))
        about = {"clause": says, "chances": semicolons(each)}
        yield phrase("robustness", "best_of", name=full_name(str(outcome)), **about)
    if silent:
        yield phrase("comparison", "best_unknown", name=semicolons(silent))


def _top(row: Facts) -> str:
    """Write the best rule with its chance, which is never rounded up to the bound from which on it counts as sure."""
    if not row["best"]:
        return phrase("robustness", "unknown")
    decimals = below(100 * row["probability"], 100 * SURE_PROBABILITY, 0)
    chance = in_percent(row["probability"], decimals) if decimals else share_of(row["probability"])
    return f"{_rules(row['best'])} {chance}"


def _rules(names: str) -> str:
    return commas(map(world, names.split(", ")))


def _few(sets: Sequence[tuple[int | None, int]]) -> list[str]:
    """Warn of sets, each with its number of draws (None or 0 for one value of each parameter) and of replicates."""
    fewer = dict.fromkeys(few_draws(known or count, count) for known, count in sets)
    return list(filter(None, fewer)) or [few_replicates(count) for count in sorted(count for _, count in sets)[:1]]


def print_study(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print for each comparison which rule is best for each outcome, and where all tables are."""
    say(console, phrase("study", "title", title=escape(own_title(manifest["design"]))))
    say(console, common := other_country(manifest))
    console.print()
    for name, about in manifest["comparisons"].items():
        title = own_title(manifest["design"]["comparisons"][name])
        say(console, phrase("study", "title", title=escape(title)))
        size = {key: f"{about[key]:,}" for key in ("people", "weeks", "replicates")}
        sets = about["readings"]
        few = _few([(each["draws"], about["replicates"]) for each in sets.values() if each["draws"]])
        simulated = phrase("study", "simulated", count=len(about["scenarios"]), **size)
        say(console, simulated, *few, "" if common else other_country(about), *assumptions(about))
        if "best" in tables:
            mine = {key: tables[key].filter(comparison=name) for key in ("best", "ranking")}
            say(console, *_best(mine, list(sets)))
        console.print()
    ranked = set(tables["ranking"]["outcome"]) if "ranking" in tables else set[str]()
    if unranked := [label("outcome", name) for name in manifest["design"]["outcomes"] if name not in ranked]:
        say(console, phrase("study", "unranked", listed=commas(unranked)))
    line(console, phrase("run", "results", folder=folder))
