"""Report of a run: the answer in five sentences, a table, and a sentence for each outcome."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from sim.core.parameters import ROWS
from sim.figures.context import any_stated, drawn_from, setting
from sim.figures.words import (
    country_in_force,
    from_to,
    has_name,
    label,
    own_title,
    percent,
    phrase,
    sentences,
    window_words,
)
from sim.outcomes import HEADLINES
from sim.report.console import Facts, Tables, commas, english, grid, say, semicolons, show, wrapped
from sim.report.intervals import any_interval, bare_interval, interval, parameters_drawn, widths
from sim.report.numbers import cited, full_name, size, title_of, unit_in_head, unitless, with_unit, written
from sim.report.plain import few_firms, four_outcomes, plain, pooling_note
from sim.runs.results import FIGURES
from sim.scenario.countries import HOME
from sim.stats.ranks import whole_percent
from sim.stats.variance import exactly_zero, narrowly_decided

HEAD = 12  # columns of a title above numbers
MOVING = 0.1  # share of an effect: the report warns of a drift of today beyond it


def print_run(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print the answer of a run: five sentences, the headline outcomes, and where minutes outside hours went."""
    rows = _start(console, tables, manifest)
    if "effects" in tables:
        leak = unchanged_firms(tables["effects"])
        covers = "legend_interval" if drawn_from(manifest) else "legend_firms"
        stated = phrase("run", covers) if any_interval(rows) else ""
        say(console, sentences([phrase("run", "legend"), stated]), lapse(manifest))
        console.print()
        say(console, *minutes_sentences(tables["displacement"]), leak if "[bold red]" in leak else "")
    console.print()
    about = {"figures": phrase("run", "figures") if (folder / FIGURES).is_dir() else ""}
    say(console, phrase("run", "more", folder=escape(str(folder)), quoted=escape(shlex.quote(str(folder))), **about))


def print_summary(console: Console, tables: Tables, manifest: Facts, folder: Path) -> None:
    """Print all that a run says, for ``summary.txt``."""
    rows = _start(console, tables, manifest)
    compared = "effects" in tables
    if compared:
        console.print()
        say(console, *(f"• {sentence(row)}" for row in rows))
        console.print()
    say(console, drift_notes(tables, manifest)[1], widths(rows), lapse(manifest))
    place = phrase("run", "results_tables", folder=escape(str(folder)), count=len(manifest["tables"]))
    if not compared:
        say(console, place)
        return
    say(console, *minutes_sentences(tables["displacement"]), unchanged_firms(tables["effects"]))
    console.print()
    say(console, phrase("run", "reading"), place)


def _start(console: Console, tables: Tables, manifest: Facts) -> list[dict[str, Any]]:
    """Print title, answer, warning, table and size, and return the rows of the headline outcomes."""
    rows = headlines(tables["effects" if "effects" in tables else "levels"])
    name = rows[0]["scenario"]
    title = title_of(manifest, name)
    say(console, f"[bold]{escape(title)}[/]")
    say(console, *(f"• {escape(text)}" for text in plain(tables, manifest)), drift_notes(tables, manifest)[0])
    show(console, headline_table(rows, {name: title}))
    say(console, few_firms(rows, answered=True), *_about(rows, manifest))
    say(console, parameters_drawn(manifest, any_stated(tables)))
    return rows


def _about(rows: list[dict[str, Any]], manifest: Facts) -> list[str]:
    """Write which scenarios were compared, and how much was simulated."""
    first, run = rows[0], manifest["resolved"]["run"]
    about = {"scenario": cited(manifest, first["scenario"]), "people": f"{first['people']:,}"}
    if "counterfactual" in first:
        reference = cited(manifest, first["counterfactual"])
        about |= {"reference": reference, "firms": firms_of(first), "window": window_words(first["window"])}
        compared = phrase("run", "compared", **about)
    else:
        compared = phrase("run", "alone", firms=f"{first['firms']:,}", **about)
    whole = phrase("run", "whole" if first.get("spill") is None else "whole_scope", people=f"{run['people']:,}")
    size = {"replicates": f"{run['replicates']:,}", "years": f"{run['years']:g}", "seed": run["seed"]}
    return [compared, pooling_note(setting(manifest), first["window"]), phrase("run", "simulated", whole=whole, **size)]


def firms_of(row: Facts) -> str:
    """Write in how many firms an effect was measured, and whether these are all."""
    of_all = "firms_one" if row["firms"] == 1 else "firms_all"
    return phrase("run", of_all if row["spill"] is None else "firms_scope", count=f"{row['firms']:,}")


def lapse(manifest: Facts) -> str:
    """State that efficiency depends on ``lapse_share``, as with every result on it, and the value that files set."""
    row, resolved = ROWS["lapse_share"], manifest.get("resolved") or {}
    worlds = resolved.values() if "scenarios" in manifest else [resolved]
    own = sorted({parameters[row.name] for each in worlds if row.name in (parameters := each.get("parameters", {}))})
    said = phrase("run", "lapse", value=f"{row.value:g}", low=f"{row.low:g}", high=f"{row.high:g}")
    return sentences([said, phrase("run", "lapse_set", value=commas(f"{value:g}" for value in own)) if own else ""])


def headlines(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Select headline outcomes for everybody and other outcomes of the answer, after their family; without any, all."""
    everybody = frame.filter(group="all").to_dicts()
    found = {row["outcome"]: row for row in everybody}
    names = [name for name in HEADLINES if name in found]
    for name in four_outcomes(found) if names else ():
        if name not in names:
            family = [number for number, each in enumerate(names) if found[each]["family"] == found[name]["family"]]
            names.insert(family[-1] + 1 if family else len(names), name)
    return [found[name] for name in names] or everybody


def headline_table(rows: list[dict[str, Any]], titles: Mapping[str, str]) -> Table:
    """Lay out the headline outcomes of a table of effects or levels; ``titles`` of scenarios head them in Chinese."""
    compared = "difference" in rows[0]
    worlds = [_broken(rows[0][name], titles) for name in ("counterfactual", "scenario") if name in rows[0]]
    stated = ["interval"] * any_interval(rows)
    heads = ["relative", "change", *stated, *(["lower"] if stated else [])] if compared else stated
    first, *heads = (phrase("run", f"head_{name}").replace("|", "\n") for name in ("outcome", *heads))
    table = grid(first, *map(escape, worlds), *heads, numbers=True, collapse_padding=True)
    for row in rows:
        unit = row["unit"]
        name = f"{full_name(row['outcome'])} [dim]{unit_in_head(unit, False)}[/]"
        if not compared:
            table.add_row(name, unitless(row["value"], unit), *(bare_interval(row, signed=False) for _ in stated))
            continue
        before, after = (unitless(row[key], unit) for key in ("baseline", "scenario_value"))
        change = (relative(row), unitless(row["difference"], unit, signed=True))
        ends = (bare_interval(row), whole_percent(row["share_lower"])) if stated else ()
        table.add_row(name, before, after, *change, *ends)
    return table


def _broken(name: str, titles: Mapping[str, str]) -> str:
    """Write the name of a world in a narrow heading, and its country if that is another one and not in the name."""
    own = Text("" if has_name("scenario", name) else titles.get(name, ""))
    own_lines = "\n".join(each.plain for each in wrapped(own, HEAD))
    country, title = country_in_force(), own_title(country_in_force())
    written = name.replace("_", "\n") if english() else own_lines or label("scenario", name)
    unnamed = country["name"] != HOME and title.lower() not in written.lower()
    return f"{written}\n{title}" if unnamed else written


def sentence(row: Facts) -> str:
    """State an effect: both values, the difference with its interval if there is one, and the verdict."""
    unit = row["unit"]
    before, after = written(row["baseline"], unit), with_unit(row["scenario_value"], unit)
    about = {"name": full_name(row["outcome"]), "before": before, "after": after}
    if row["difference"] is None or exactly_zero(row):
        return phrase("run", "sentence_alone", verdict=verdict(row), **about)
    if ends := interval(row, "interval_95"):
        ends += interval(row, "interval_50", "{}_50") + _halves(row)
    by = phrase("run", "relative", relative=change) if (change := relative(row)) != "–" else ""
    change = written(row["difference"], unit, signed=True)
    about |= {"by": by, "change": f"{change}{ends}{_mean(row)}"}
    return phrase("run", "sentence", verdict=verdict(row), **about) if ends else phrase("run", "sentence_bare", **about)


def relative(row: Facts) -> str:
    """Write the relative change in per cent; a dash where there is none, as for scores."""
    if row["relative"] is None or row["unit"] == "sd":
        return "–"
    return percent(unitless(row["relative"], "share", signed=True))


def verdict(row: Facts) -> str:
    """Return a clause on what the interval of an effect supports; only zero or unknown effects may lack an interval."""
    low, high, difference = row["low"], row["high"], row["difference"]
    if difference is None:
        return phrase("run", "undefined")
    if exactly_zero(row):
        return phrase("run", "same")
    close = narrowly_decided((low, row.get("low_error")), (high, row.get("high_error")))
    narrowly = phrase("run", "narrowly") if close else ""
    if low <= 0 <= high:
        return phrase("run", "unclear", narrowly=narrowly)
    direction = "lower" if difference < 0 else "higher"
    meaning = "" if not row["better"] else phrase("run", "gain" if direction == row["better"] else "cost")
    return phrase("run", "clear", direction=phrase("run", direction), meaning=meaning, narrowly=narrowly)


def _mean(row: Facts) -> str:
    """Write the mean over all draws, and its uncertainty from few draws and firms."""
    if row.get("half_parameters") is None or row.get("mean_low") is None:
        return ""
    half = size((row["mean_high"] - row["mean_low"]) / 2, row["unit"])
    return phrase("run", "mean", mean=written(row["mean"], row["unit"], signed=True), half=half)


def _halves(row: Facts) -> str:
    """Write the parts of an interval due to chance and to parameters, and close its bracket."""
    if row.get("half_parameters") is None:
        return phrase("run", "closed")
    halves = {key: size(row[f"half_{key}"], row["unit"]) for key in ("chance", "parameters")}
    return phrase("run", "parts", **halves)


def drift_notes(tables: Tables, manifest: Facts) -> tuple[str, str]:
    """Warn if today moves by more than a tenth of an effect, and describe its drift; empty texts if it does not."""
    if "drift" not in tables:
        return "", ""
    rows = tables["drift"].to_dicts()
    texts = [
        f"{label('outcome', row['outcome'])} {_course(row)}" for row in rows if row["scenario"] == rows[0]["scenario"]
    ]
    about = {"world": cited(manifest, rows[0]["world"]), "window": from_to(rows[0]["window"])}
    today = phrase("run", "drift", courses=semicolons(texts), **about)
    return drift_warning(tables, manifest), sentences([today, _included(rows[0]["world"], manifest)])


def drift_warning(tables: Tables, manifest: Facts) -> str:
    """Warn if the reference moves by more than a tenth of an effect; scenarios that find the same share a line."""
    effects = tables["effects"].filter(group="all").to_dicts() if "effects" in tables else []
    least = {(row["scenario"], row["outcome"]): MOVING * abs(row["difference"] or 0.0) for row in effects}
    beyond: dict[str, list[str]] = {}
    alike: dict[str, list[str]] = {}  # scenarios by what moves
    for row in tables["drift"].to_dicts():
        if 0.0 < least.get((row["scenario"], row["outcome"]), 0.0) < abs(row["change"] or 0.0):
            change = with_unit(row["change"], row["unit"], signed=True)
            moves = phrase("run", "moving_one", outcome=label("outcome", row["outcome"]), change=change)
            beyond.setdefault(cited(manifest, row["scenario"]), []).append(moves)
    for name, listed in beyond.items():
        alike.setdefault(commas(listed), []).append(name)
    each = (phrase("run", "moving_under", scenario=commas(names), listed=listed) for listed, names in alike.items())
    if not beyond:
        return ""
    world = tables["drift"]["world"][0]
    said = phrase("run", "moving", world=cited(manifest, world), listed=semicolons(each))
    return sentences([said, _included(world, manifest)])


def _included(world: str, manifest: Facts) -> str:
    """Say what a world's drift includes: its own rules that begin, grow or end, and people who were not at rest."""
    resolved = manifest.get("resolved") or {}
    own = manifest.get("resolved_counterfactual") or resolved.get(world) or resolved
    dated = (lever for lever in own.get("levers", ()) if any(lever.get(key) for key in ("start", "end", "ramp_days")))
    restless = not own.get("run", {}).get("settling_weeks", True)
    return sentences([phrase("run", "included") * any(dated), phrase("run", "restless") * restless])


def _course(row: Facts) -> str:
    """Write first and last value of an outcome and its change; shares change by points, others also in per cent."""
    unit = row["unit"]
    share = "–" if unit == "share" else relative(row)
    by = "" if share == "–" else phrase("run", "relative", relative=share)
    change = f"{by}{written(row['change'], unit, signed=True)}{interval(row)}"
    return phrase("run", "course", first=written(row["first"], unit), last=with_unit(row["last"], unit), change=change)


def minutes_sentences(displacement: pl.DataFrame) -> list[str]:
    """Describe the changes in after-hours minutes by channel, and the displacement ratio."""
    rows = [{**row, "unit": "min"} for row in displacement.to_dicts()]
    before = {row["channel"]: row["minutes_per_person_week"] for row in rows if row["difference"] is None}
    after = {row["channel"]: row for row in rows if row["difference"] is not None}
    if "all" not in after or "all" not in before:
        return [phrase("run", "no_channels")]
    total = after.pop("all")
    ends = {"before": written(before["all"], "min"), "after": written(total["minutes_per_person_week"], "min")}
    lines = [phrase("run", "minutes", **ends)]
    changed = [
        f"{label('by_channel', channel)} {written(row['difference'], 'min', signed=True)}{interval(row)}"
        for channel, row in after.items()
        if row["difference"]
    ]
    if changed:
        lines.append(phrase("run", "by_channel", listed=semicolons(changed)))
    if total["displaced"] is None:
        return [*lines, phrase("run", "displaced_unknown" if few_firms([total]) else "nothing_displaced")]
    ratio = written(total["displaced"], "") + interval(total, "interval_closed", "displaced_{}", signed=False)
    return [*lines, phrase("run", "displaced", ratio=ratio)]


def unchanged_firms(effects: pl.DataFrame) -> str:
    """State whether firms out of scope are identical in both worlds; anything else is a fault, in red."""
    everybody = effects.filter(group="all")
    spill = everybody["spill"].drop_nulls()
    if spill.is_empty():
        return phrase("run", "scope_all")
    largest = float(spill.max() or 0.0)  # type: ignore[arg-type]  # a column of numbers
    if largest == 0:
        return phrase("run", "scope_same", count=spill.len())
    worst = label("outcome", everybody.filter(spill=largest)["outcome"][0])
    return phrase("run", "scope_differs", outcome=worst, size=written(largest, ""))
