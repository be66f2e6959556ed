"""Report of what to measure next: what each measurement would remove, and how far to trust these numbers."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from rich.console import Console

from sim.figures.numerals import in_percent
from sim.figures.words import amount_column, cited, currency, label, own_title, phrase
from sim.report.console import WIDTH, Facts, Tables, commas, grid, line, say, show
from sim.report.intervals import other_country
from sim.report.numbers import full_name, name_of, share_of, title_of, with_unit, written
from sim.stats.ranks import whole_percent

MOST = 6  # parameters named
WORTH_NAMING = 0.001  # share of the regret that a best buy removes per 10,000 of money, at least
HEADS = ("measurement", "people", "cost", "variance", "exact", "regret")


def print_learning(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print for each scenario and outcome the measurements that remove most variance, and how to read the numbers."""
    for effect in tables["effects"].iter_rows(named=True):
        key = {name: effect[name] for name in ("scenario", "outcome")}
        rows = tables["learning"].filter(**key)
        about = _about(effect, manifest)
        heads = (phrase("learning", f"head_{head}", currency=currency()).replace("|", "\n") for head in HEADS)
        table = grid(*heads, title=phrase("learning", "title", **about), numbers=True, padding=(0, 1, 0, 0))
        seen = rows.filter(pl.col("share").is_not_null()).partition_by("measurement", maintain_order=True)
        for mine in seen:
            table.add_row(*_cells(mine.sort("size"), "/" if console.width >= WIDTH else "\n"))
        line(console, effect_sentence(effect, rows, manifest))
        if table.row_count:
            show(console, table)
        silent = map(own_title, rows.filter(pl.col("share").is_null()).unique("title", maintain_order=True).to_dicts())
        if effect["resolved"] and (names := commas(silent)):
            line(console, phrase("learning", "silent", names=names))
        if effect["resolved"]:
            line(console, _assumptions(tables["assumptions"].filter(**key)))
        line(console, "")
    line(console, *how_to_read(tables, manifest), *best_buys(tables))
    say(console, other_country(manifest))
    line(console, phrase("learning", "results", folder=folder))


def effect_sentence(effect: Facts, rows: pl.DataFrame, manifest: Facts) -> str:
    """Write what a scenario does to an outcome, and what choosing now may lose; ``rows`` are those of ``learning``."""
    return phrase("learning", "effect", effect=_effect(effect, rows), **_about(effect, manifest))


def _about(effect: Facts, manifest: Facts) -> dict[str, str]:
    return {"outcome": full_name(effect["outcome"]), "scenario": cited([title_of(manifest, effect["scenario"])])}


def _effect(effect: Facts, rows: pl.DataFrame) -> str:
    """Write an effect, its spread over draws, and the regret of choosing now."""
    mean, unit = with_unit(effect["mean"], effect["unit"], signed=True), effect["unit"]
    if not effect["resolved"]:
        constant = effect["sd"] == effect["chance_sd"] == 0.0
        return phrase("learning", "constant" if constant else "unresolved", mean=mean)
    said = phrase("learning", "spread", mean=mean, spread=_amount(effect["sd"], unit))
    now, most = rows.select("regret_now", "regret_most").row(0)
    if now is None:
        return said + phrase("learning", "neutral")
    skewed = phrase("learning", "regret_most", most=_amount(most, unit)) if most > now else ""
    return said + phrase("learning", "regret", regret=_amount(now, unit)) + skewed


def _amount(value: float, unit: str) -> str:
    """Write the size of a change with its unit."""
    return with_unit(value, unit, signed=True).removeprefix("+")


def _assumptions(rows: pl.DataFrame) -> str:
    """Name the parameters that explain the effect beyond chance, in descending order of variance."""
    sure = rows.filter("beyond_chance").head(MOST)
    if sure.is_empty():
        return phrase("learning", "rests_none", count=rows.height)
    each = []
    for row in sure.to_dicts():
        about = {key: whole_percent(row[key]) for key in ("share", "half")}
        sign = phrase("learning", "up" if row["rises"] else "down")
        each.append(phrase("learning", "rests_one", name=label("parameter", row["parameter"]), sign=sign, **about))
    return phrase("learning", "rests", names=commas(each), count=rows.height)


def _cells(sizes: pl.DataFrame, between: str) -> tuple[str, ...]:
    """Write the cells of a measurement, with a sign between its sizes."""
    last = sizes.row(-1, named=True)
    people = between.join(f"{each:,}" for each in sizes["size"])
    costs = between.join(f"{each / 1000:,.0f}" for each in sizes[amount_column("cost")])
    shares = between.join(map(whole_percent, sizes["share"]))
    most = max(each or 0.0 for each in sizes[amount_column("removed_per_10000")])
    gone = written(most / last["regret_now"], "share") if last["regret_now"] else "–"
    half = last["half"]
    goes = f"{shares} ± {in_percent(half, 1) if 0.0 < half < 0.01 else share_of(half)}"
    return own_title(last), people, costs, goes, share_of(last["share_exact"]), gone


def how_to_read(tables: Tables, manifest: Facts) -> Iterator[str]:
    """Write sentences on what the numbers are and how far they can be trusted."""
    about = manifest["uncertainty"]
    yield phrase("learning", "reading")
    made = {"runs": manifest["runs"], "people": f"{manifest['people_reached']:.0f}", "draws": manifest["draws"]}
    fate = phrase("learning", "failed" if manifest["failed"] else "none_failed", count=manifest["failed"])
    yield phrase("learning", "runs", known=f"{about['draws']:,}", name=name_of("targets", about["name"]), **made) + fate


def best_buys(tables: Tables) -> Iterator[str]:
    """Name the measurement of each outcome that removes most regret for its cost, if any clearly removes some."""
    learning, removed_per = tables["learning"], amount_column("removed_per_10000")
    worth = (pl.col(removed_per) > WORTH_NAMING * pl.col("regret_now")) & (pl.col("share") > pl.col("half"))
    best = learning.filter(worth).sort(removed_per, descending=True)
    if best.is_empty():
        yield phrase("learning", "no_buy")
    for row in best.unique("outcome", keep="first", maintain_order=True).iter_rows(named=True):
        what = {"title": own_title(row), "people": f"{row['size']:,}", "currency": currency()}
        what["size"] = _amount(row[removed_per], row["unit"])
        yield phrase("learning", "buy", outcome=full_name(row["outcome"]), **what)
