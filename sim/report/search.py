"""Report of a search: the rules of the front, which to choose, where that fails, and how far to trust the numbers."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from sim.figures.words import bracketed, has_name, label, percent, phrase
from sim.outcomes import BY_NAME
from sim.report.console import Facts, Tables, commas, english, fits, grid, line, say, show
from sim.report.intervals import other_country
from sim.report.numbers import minus, parameter_set, share_of, span, title_of, unit_in_head, unitless, with_unit

NONE, ALL = "none", "all"
SHARES = 3  # columns at the end: demands met, not dominated, regret
OFTEN = 0.95  # share of the draws from which on a rule is said to fail nearly always


def print_search(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print for each set of parameters the rules of the front with their effects, and the answer in sentences."""
    for reading in tables["front"]["reading"].unique(maintain_order=True):
        heads, rows = rule_table(tables, manifest, reading)
        about = {"scenario": title_of(manifest, manifest["scenarios"][0]), "reading": parameter_set(reading)}
        title = phrase("search", "title", **about)
        whole, levers = range(len(heads)), len(manifest["levers"])
        parts = [whole] if fits(console, _table(title, heads, rows, whole)) else [
            [*whole[: levers + 1], *whole[-SHARES:]], [0, *whole[levers + 1 : -SHARES]]
        ]  # fmt: skip
        for number, part in enumerate(parts):
            show(console, _table("" if number else title, heads, rows, part))
    line(console, *sentences(tables, manifest), *trust(tables, manifest))
    say(console, other_country(manifest))
    line(console, phrase("run", "results", folder=folder))


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[int]) -> Table:
    head = (heads[n].replace("|", "\n") for n in columns)
    table = grid(*head, title=title, numbers=True, padding=(0, 1, 0, 0))
    for row in rows:
        table.add_row(*(row[n].replace("|", "\n") for n in columns))
    return table


def rule_table(tables: Tables, manifest: Facts, reading: str) -> tuple[list[str], list[list[str]]]:
    """Lay out the rules under a set of parameters as heads and rows; a bar separates the lines of a cell."""
    trades = tables["trade_offs"].filter(reading=reading)
    outcomes = trades["outcome"].unique(maintain_order=True).to_list()
    levers = [each["name"] for each in manifest["levers"]]
    fields = [name.split(".", 1)[1] for name in levers]
    short = fields if len(set(fields)) == len(fields) else levers
    heads = [phrase("search", "head_rule"), *map(_split, short)]
    heads += [
        f"{label('outcome', name).replace(' ', '|')}|{unit_in_head(BY_NAME[name].unit, True)}" for name in outcomes
    ]
    heads += [phrase("search", f"head_{key}") for key in ("satisfying", "undominated", "regret")]
    cells = {(row["rule"], row["outcome"]): row for row in trades.to_dicts()}
    rows = []
    for row in tables["front"].filter(reading=reading).to_dicts():
        effects = [_effect(cells.get((row["rule"], name))) for name in outcomes]
        values = ["–" if row[name] is None else minus(f"{row[name]:g}") for name in levers]
        shares = [share_of(row[name]) for name in ("satisfying", "undominated")]
        rows.append([rule_label(row["rule"]), *values, *effects, *shares, f"{row['regret']:.2f}"])
    return heads, rows


def _split(field: str) -> str:
    """Write the name of a lever's number, with bars between its words."""
    if english():
        return re.sub(r"[_.]", "|", field)
    lever, _, last = field.rpartition(".")
    kind = lever.partition(".")[0]
    return "|".join((*[label("lever", kind)] * has_name("lever", kind), label("field", last)))


def _effect(row: Facts | None) -> str:
    """Write an effect with half of its interval below it; a world without rules has an effect of zero."""
    if row is None:
        return "0"
    half = unitless((row["high"] - row["low"]) / 2, row["unit"])
    return f"{unitless(row['effect'], row['unit'], signed=True)}|± {half}"


def rule_label(rule: str) -> str:
    """Name a rule of the front."""
    return phrase("search", "none") if rule == NONE else rule


def answer(tables: Tables, manifest: Facts) -> list[str]:
    """Write what was searched, which rules to choose by the worst of the sets, and where the first of these fails.

    Other rules are named where no condition says when they fail, as these may have no figure.
    """
    last = tables["choices"].filter(reading=tables["choices"]["reading"][-1])
    found, first = tables["conditions"], pl.col("rule") == last["rule"][0]
    where = pl.concat([found.filter(first), found.filter(~first, pl.col("parameter").is_null())])
    return list(sentences({**tables, "choices": last, "conditions": where}, manifest))


def sentences(tables: Tables, manifest: Facts) -> Iterator[str]:
    """Write what was searched, which rules to choose, and where these fail."""
    searched = []
    for each in manifest["levers"]:
        low, high, now = (f"{each[key]:g}" for key in ("low", "high", "now"))
        searched.append(phrase("search", "lever", name=each["name"], range=span(low, high), now=now))
    yield phrase("search", "searched", levers=commas(searched), demands=demands(manifest))
    rules = {row["rule"]: row for row in reversed(tables["front"].to_dicts())}
    for row in tables["choices"].to_dicts():
        values = commas(
            f"{each['name']} {rules[row['rule']][each['name']]:g}" for each in manifest["levers"] if row["rule"] != NONE
        )
        rule = phrase("search", "rule", rule=row["rule"], values=minus(values)) if values else rule_label(NONE)
        facts = {name: share_of(row[name]) for name in ("satisfying", "undominated")}
        under = phrase("search", "worst") if row["reading"] == ALL else parameter_set(row["reading"])
        yield phrase("search", f"by_{row['criterion']}", under=under, rule=rule, regret=f"{row['regret']:.2f}", **facts)
    yield from conditions(tables)


def demands(manifest: Facts) -> str:
    """Write what is demanded of the effects."""
    found = []
    for each in manifest["demands"]:
        outcome = BY_NAME[each["outcome"]]
        worst = percent(minus(f"{100 * each['worst']:+g}")) if each["relative"] else ""
        key = "below" if outcome.better == "lower" else "above"
        value = worst or ("0" if each["worst"] == 0 else with_unit(each["worst"], outcome.unit, signed=True))
        found.append(phrase("search", key, name=label("outcome", outcome.name), value=value))
    return commas(found)


def conditions(tables: Tables) -> Iterator[str]:
    """Write where each rule that is chosen fails."""
    for (rule, reading), part in tables["conditions"].group_by("rule", "reading", maintain_order=True):
        rows = part.to_dicts()
        about = {"rule": rule, "under": parameter_set(str(reading)), "fails": share_of(rows[0]["fails"])}
        about["draws"] = f"{rows[0]['draws']:,}"
        if rows[0]["parameter"] is None:
            often = "always" if rows[0]["fails"] >= OFTEN else "seldom" if rows[0]["fails"] <= 1 - OFTEN else "unknown"
            yield phrase("search", often, **about)
            continue
        where = phrase("step", "and").join(_bound(row) for row in rows)
        facts = {name: share_of(rows[0][name]) for name in ("coverage", "density", "elsewhere")}
        counts = {name: rows[0][name] for name in ("fresh_inside", "failed_inside", "fresh_outside", "failed_outside")}
        yield phrase("search", "fails", where=where, **about, **facts, **counts)


def _bound(row: Facts) -> str:
    name, low, high = row["parameter"], row["low"], row["high"]
    called_so = bracketed(label("parameter", name), name)
    if low is not None and high is not None:
        return phrase("search", "between", name=called_so, low=with_unit(low, ""), high=with_unit(high, ""))
    key, value = ("over", low) if low is not None else ("under", high)
    return phrase("search", key, name=called_so, value=with_unit(value, ""))


def trust(tables: Tables, manifest: Facts) -> Iterator[str]:
    """Write what shares are over, and how the emulators did in fresh simulations."""
    people = manifest.get("people_reached", manifest["people"])
    size = {"people": f"{people:,.0f}", "draws": manifest["replicates"]}
    size |= {name: manifest[name] for name in ("points", "confirm")}
    yield phrase("search", "reading", **size)
    readings = manifest["readings"]
    for each in readings:
        if each.get("failed") or each.get("failed_afresh"):
            yield phrase("search", "failed", **each | {"name": parameter_set(each["name"])})
    judged = (bracketed(parameter_set(each["name"]), f"{each['judged']:,}") for each in readings if "judged" in each)
    if behind := commas(judged):
        yield phrase("search", "judged", listed=behind)
    fresh = tables["checks"].filter(kind="fresh")
    count = int(fresh["points"].sum())
    held = float((fresh["inside_95"] * fresh["points"]).sum() / max(count, 1))
    means = tables["trade_offs"]["inside"].drop_nulls() if "inside" in tables["trade_offs"].columns else pl.Series([])
    yield phrase(
        "search", "fresh", count=f"{count:,}", held=share_of(held), means=len(means), held_means=int(means.sum() or 0)
    )
    fixed = [parameter_set(each["name"]) for each in readings if not each["draws"]]
    if fixed:
        yield phrase("search", "table_values", listed=commas(f"“{name}”" for name in fixed))
    still = tables["checks"].filter(kind="left_out").filter(~pl.col("moved")).to_dicts()
    if still:
        listed = (bracketed(label("outcome", row["outcome"]), parameter_set(row["reading"])) for row in still)
        yield phrase("search", "unmoved", listed=commas(listed))
