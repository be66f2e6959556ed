"""Sections of a page: tables of who gains and who pays, how sure that is, and where the results come from.

Cells are written as in the figures, from the same rows. All words are in the current language.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from sim.figures.context import Setting, Tables, over_what, sample_note, table, window
from sim.figures.effect import Effect, baseline, change, effects_of, on_everybody
from sim.figures.forest_rows import group_rows
from sim.figures.numerals import scale
from sim.figures.words import bracketed, counted, label, phrase, say, window_words, words
from sim.outcomes import HEADLINES, outcome_of
from sim.report.comparison import phase_effects
from sim.report.console import commas
from sim.report.numbers import share_of, unitless
from sim.report.plain import pooling_note

WHO = ("share_burnt_out", "latent_overtime", "total_hours")  # outcomes of groups
SHARES = ("share_burnt_out", "exhaustion", "latent_overtime", "conflict")  # whose winners and losers are counted
PAYS = (
    "unpaid_overtime", "pay", "overtime_pay", "employer_cost", "cost_per_output", "fines", "tool_cost", "training_cost",
    "monitoring_cost", "enforcement_cost", "emergency_cost", "exit_cost", "subsidy", "public_cost",
)  # fmt: skip
REACHED = ("run", "comparison", "explanation", "readings", "scorecard")  # kinds that count people whom rules reach


class Grid(NamedTuple):
    """A table of a page or paper; the first cell of a row is its heading."""

    name: str  # a row of ``page``, which is its caption
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    bare: bool = False  # none of its numbers has the interval that the caption would promise

    @property
    def caption(self) -> str:
        """What the table shows, in the current language."""
        return phrase("page", f"{self.name}_bare" if self.bare else self.name)


class Answer(NamedTuple):
    """The text of a page, beside figures, downloads and provenance."""

    title: str
    question: str
    sentences: Sequence[str]
    who: Sequence[Grid] = ()  # tables of the part whose heading is ``part``
    sure: Sequence[str] = ()  # paragraphs
    sure_grids: Sequence[Grid] = ()
    limits: Sequence[str] = ()
    part: str = "who"  # a row of ``page``


def limits(*kinds: str) -> list[str]:
    """Return the sentences on limits whose keys begin with one of these kinds."""
    keys = [key for kind in kinds for key in words()["page"] if key.startswith(f"limit_{kind}_")]
    return [phrase("page", key) for key in keys]


def who_gains(tables: Tables, run: Setting) -> list[Grid]:
    """Lay out the effects on groups of people, or the shares of people who gain and lose, and who pays."""
    names = run.scenarios or (run.scenario,)
    effects = effects_of(tables, needed=("scenario", "group"))
    found = [_shares(tables, run)] if "persons" in tables else []
    if len(names) == 1:
        found.append(_groups(effects))
    everybody = [each for each in effects if each.group == "all" and each.outcome in PAYS and each.difference != 0]
    found.append(_changes("pays", sorted(everybody, key=lambda each: PAYS.index(each.outcome)), run))
    return [grid for grid in found if grid.rows]


def _groups(effects: Sequence[Effect]) -> Grid:
    """Lay out the changes of a few outcomes by group of people."""
    cells = {(each.group, each.outcome): each for each in effects}
    shown = [name for name in WHO if ("all", name) in cells]
    stated = _stated([each for each in effects if each.outcome in shown])
    heads = [phrase("page", "group"), say("people"), *(_headed(name) for name in shown)]
    groups = group_rows([group for group in dict.fromkeys(each.group for each in effects) if shown])
    rows = [
        [row.text, f"{cells[row.key, shown[0]].people:,}"]
        + [_change(cells.get((row.key, name)), stated) for name in shown]
        for row in groups
        if (row.key, shown[0]) in cells
    ]
    return Grid("groups", heads, rows, bare=not stated)


def _headed(outcome: str) -> str:
    return bracketed(label("outcome", outcome), scale(outcome_of(outcome).unit).change)


def _change(effect: Effect | None, stated: bool) -> str:
    """Write a change with its interval and, where it is clear, its verdict."""
    if effect is None:
        return "–"
    verdict = effect.verdict
    return change(effect.bounds, stated) + (f" {label('verdict', verdict)}" if verdict in ("better", "worse") else "")


def _shares(tables: Tables, run: Setting) -> Grid:
    """Lay out the shares of people who are themselves better or worse off."""
    frame = table(tables, "persons", ("scenario", "group", "outcome"), ("share_better", "share_worse"))
    frame = frame.filter(
        (pl.col("group") == "all") & pl.col("outcome").is_in(SHARES) & pl.col("share_better").is_finite()
    )
    heads = [phrase("page", key) for key in ("rule", "outcome", "better_off", "worse_off")]
    rows = [
        [run.name(row["scenario"]), label("outcome", row["outcome"])]
        + [share_of(row[share]) for share in ("share_better", "share_worse")]
        for row in frame.to_dicts()
    ]
    return Grid("shares", heads, rows)


def _changes(name: str, effects: Sequence[Effect], run: Setting, first: str = "rule") -> Grid:
    """Lay out changes with their intervals and verdicts, with a column for the rule, or phase, if there are several."""
    several = len(run.scenarios) > 1 or first != "rule"
    stated = _stated(effects)
    heads = [phrase("page", key) for key in (*[first] * several, "outcome", "unit")]
    heads += [run.name(run.counterfactual), say("difference_95" if stated else "difference")]
    heads += [phrase("page", "verdict")] * stated
    rows = []
    for each in effects:
        cells = [label("outcome", each.outcome), scale(each.unit).change, baseline(each), change(each.bounds, stated)]
        verdict = "–" if each.verdict == "unknown" else label("verdict", each.verdict)
        called = run.name(each.scenario) if first == "rule" else each.scenario
        rows.append([*[called] * several, *cells, *[verdict] * stated])
    return Grid(name, heads, rows, bare=not stated)


def _stated(effects: Sequence[Effect]) -> bool:
    """Return whether any effect has an interval where some has none; those that are exactly zero do not count."""
    verdicts = {each.verdict for each in effects}
    return "unknown" not in verdicts or not verdicts <= {"unknown", "zero"}


def how_sure(tables: Tables, run: Setting) -> tuple[list[str], list[Grid]]:
    """Write what was compared and what intervals cover, and lay out all headline outcomes."""
    effects = on_everybody(tables, ("scenario",))
    order = {name: place for place, name in enumerate(run.scenarios)}
    listed = [each for each in effects if each.outcome in HEADLINES]
    listed.sort(key=lambda each: (order.get(each.scenario, 0), HEADLINES.index(each.outcome)))
    where = [] if run.scenarios else [sample_note(run, tables)]
    together = pooling_note(run, next(iter(tables["effects"]["window"]), ""))
    said = [*where, window(run, tables), *filter(None, [together]), over_what(run, tables), phrase("page", "reading")]
    grids = [_changes("headlines", listed, run), _phases(tables, run)]
    if not run.scenarios or len(run.scenarios) == 1:
        grids.append(_widths(tables))
    return said, [grid for grid in grids if grid.rows]


def _phases(tables: Tables, run: Setting) -> Grid:
    """Lay out the headline outcomes of plans phase by phase, each on its own firms and weeks."""
    found = []
    for name, rows in phase_effects(tables).items():
        effects = on_everybody({"effects": rows}, ("scenario", "window", "firms"))
        for each in (effect for effect in effects if effect.outcome in HEADLINES):
            called = commas([*[run.name(name)] * (len(run.scenarios) > 1), each.scenario])
            where = commas((window_words(each.window), counted(each.firms, "firm")))
            found.append(each._replace(scenario=bracketed(called, where)))
    return _changes("phases", found, run, "phase")


def _widths(tables: Tables) -> Grid:
    """Lay out how far chance and parameters widen the intervals of headline outcomes, and how sure signs are."""
    needed = ("half_chance", "half_parameters", "share_lower")
    if not set(needed) <= set(tables["effects"].columns):
        return Grid("", (), ())
    frame = table(tables, "effects", ("group", "outcome", "unit"), (*needed, "low", "high"))
    stated = pl.col("low") < pl.col("high")  # what is exactly zero has no sign
    rows = []
    for row in frame.filter(pl.col("outcome").is_in(HEADLINES), stated, group="all").to_dicts():
        halves = (unitless(row[name], row["unit"]) for name in needed[:2])
        cells = ("–" if half == "–" else f"± {half}" for half in halves)
        rows.append([_headed(row["outcome"]), *cells, share_of(row["share_lower"])])
    heads = [phrase("page", key) for key in ("outcome", "by_chance", "by_parameters", "below_zero")]
    return Grid("widths", heads, rows)


def provenance(manifest: Mapping[str, Any], folder: str) -> list[tuple[str, str]]:
    """List the provenance of results, as far as their manifest records it."""
    sets = manifest.get("readings") or [manifest.get("uncertainty") or manifest.get("parameters") or {}]
    versions = ", ".join(f"{name} {value}" for name, value in (manifest.get("versions") or {}).items())
    hashes = manifest.get("sha256")
    listed = ", ".join(f"{name} {value[:12]}" for name, value in hashes.items()) if isinstance(hashes, dict) else ""
    drawn = ", ".join(f"{each.get('name', '')} {(each.get('sha256') or '')[:12]}".strip() for each in sets)
    facts = {
        "folder": folder,
        **{name: manifest.get(name) for name in ("written", "commit", "seed")},
        "size": _size(manifest),
        "parameters": drawn,
        "scenarios": listed,
        "engine": str(manifest.get("engine") or "")[:12],
        "versions": versions,
    }
    return [(phrase("page", key), str(value)) for key, value in facts.items() if value not in (None, "")]


def _size(manifest: Mapping[str, Any]) -> str:
    if not {"replicates", "people", "weeks"} <= manifest.keys():
        return ""
    counts = {name: f"{manifest[name]:,}" for name in ("replicates", "people", "weeks")}
    reached = manifest.get("counterfactual") and manifest.get("kind", REACHED[0]) in REACHED
    return phrase("page", "sizes" if reached else "sizes_alone", **counts)
