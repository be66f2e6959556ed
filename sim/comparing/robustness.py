"""Robustness to the evidence: run one study under several parameter sets and find which conclusions depend on the set.

A conclusion is what an interval supports: the sign of an effect if its 95 % interval excludes zero, the best rule if
its probability is at least 95 %. That an effect is clear under one set only does not show that the sets differ, so the
difference between the sets is estimated too.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sim.comparing.overview import SHOWN, mark
from sim.comparing.ranking import leaders
from sim.comparing.study import SUMMARY, Manner, check_drawn, illustrated, note
from sim.comparing.summary import ENOUGH, NAMES, WIDTH, widths
from sim.files import storage as files
from sim.outcomes import written
from sim.runs import results as store
from sim.scenario.parameter_draws import Draws
from sim.stats.ranks import chance

KIND = "readings"
SURE = 0.95  # chance of being best from which on a rule is called the best
HOLDS, ONLY, CONTRADICT, UNCLEAR, ZERO = "holds", "only", "contradict", "unclear", "zero"
APART = "≠"
LABELS = ("outcome", "family", "unit", "better")
KEPT = ("scenario", "counterfactual", *LABELS, "window", "firms", "people")
NUMBERS = ("baseline", "scenario_value", "difference", "low", "high", "half_chance", "half_parameters", "p_holm")
COMMON = ("counterfactual", "engine", "seed", "people", "weeks")


class Conclusion(NamedTuple):
    """Whether a finding depends on the parameter set."""

    kind: str  # holds under all, only under some, contradict, unclear under all, or zero: exactly nothing under all
    says: str  # lower, higher, or the best rule; of a contradiction what each says; empty if none is clear
    under: tuple[str, ...]  # sets with a clear result


def under_each(sets: Mapping[str, Draws | None], manner: Manner, each: Callable[[Manner], None]) -> None:
    """Run a study under each of at least two parameter sets, and combine the results in one more folder.

    ``each`` runs the study and prints nothing. Its folder is that of ``manner`` with the name of the set appended; the
    combined one has the names of all.
    """
    base, folders = manner.folder, {}
    for place, (name, draws) in enumerate(sets.items()):
        folders[name] = base.with_name(f"{base.name}_{name}")
        note(manner, f"{place + 1} of {len(sets)}: parameters of {name}, into {folders[name]}")
        silent = Console(file=io.StringIO(), width=WIDTH)
        each(manner._replace(folder=folders[name], draws=draws, output=silent))
    together = manner._replace(folder=base.with_name("_".join([base.name, *sets])), draws=None)
    with store.replacing(together.folder) as draft:
        parts = {name: store.read(folder) for name, folder in folders.items()}
        facts = {"kind": KIND, "readings": [*described(parts, sets)], **common(parts)}
        store.write(draft, side_by_side({name: part.tables for name, part in parts.items()}), facts)
        made = store.read(draft)
        files.write_text(draft / SUMMARY, readings_text(made.tables, made.manifest, Path(base.name)))
        failure = illustrated(draft, made.tables, made.manifest, together)
    print_readings(manner.output, made.tables, made.manifest, together.folder)
    check_drawn(failure, together)


def described(parts: Mapping[str, store.Results], sets: Mapping[str, Draws | None]) -> Iterator[dict[str, Any]]:
    """Yield the manifest's entry on each set: its results folder, replicates, number of draws and hash."""
    for name, part in parts.items():
        draws = sets[name]
        facts = {"name": name, "folder": part.folder.name, "replicates": _replicates(part.manifest)}
        yield facts | {"draws": len(draws.rows) if draws else None, "sha256": draws.sha256 if draws else None}


def common(parts: Mapping[str, store.Results]) -> dict[str, Any]:
    """Return the facts shared by all results, for the manifest; ``seconds`` are summed, ``replicates`` the fewest."""
    first = next(iter(parts.values())).manifest
    resolved = first["resolved"] if "scenarios" in first else {first["scenario"]: first["resolved"]}
    names = first.get("scenarios") or [first["scenario"]]
    titles = {name: {"en": each["title"], "zh": each["title_zh"]} for name, each in resolved.items()}
    facts = {key: first[key] for key in COMMON}
    return facts | {
        "scenarios": list(names),
        "titles": first.get("titles", titles),
        "start": resolved[names[0]]["calendar"]["start"],
        "replicates": min(_replicates(part.manifest) for part in parts.values()),
        "seconds": sum(part.manifest["seconds"] for part in parts.values()),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _replicates(manifest: Mapping[str, Any]) -> int:
    """Return the number of replicates of results."""
    return int(manifest["replicates"])


def side_by_side(parts: Mapping[str, Mapping[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """Combine the tables of one study under several sets into ``readings``, ``conclusions``, ``ranking`` and ``best``.

    ``readings`` holds every outcome of everybody and how far it is ``apart`` from the first set. It is the only table
    if nothing is compared, and then ``low`` and ``high`` bound the level; ranking tables need a comparison.
    """
    paired = all("effects" in tables for tables in parts.values())
    rows = pl.concat(_rows(name, tables, paired) for name, tables in parts.items())
    found = {"readings": _apart(rows, "difference" if paired else "scenario_value")}
    if paired:
        found["conclusions"] = conclusions(found["readings"])
    if all("ranking" in tables for tables in parts.values()):
        ranks = [tables["ranking"].select(pl.lit(name).alias("reading"), pl.all()) for name, tables in parts.items()]
        found["ranking"] = pl.concat(ranks)
        found["best"] = bests(found["ranking"])
    return found


def _rows(name: str, tables: Mapping[str, pl.DataFrame], paired: bool) -> pl.DataFrame:
    """Select a set's estimates for everybody; levels get null effect columns."""
    frame = tables["effects" if paired else "levels"].filter(pl.col("group") == "all")
    if not paired:
        unknown = [pl.lit(None, pl.Float64).alias(key) for key in ("baseline", "difference", "p_holm")]
        frame = frame.rename({"value": "scenario_value"})
        frame = frame.with_columns(*unknown, pl.lit(None, pl.String).alias("counterfactual"))
    return frame.select(pl.lit(name).alias("reading"), *KEPT, *NUMBERS)


def _apart(rows: pl.DataFrame, value: str) -> pl.DataFrame:
    """Add the difference of each value from that of the first set.

    Both sets share firms, hence chance is correlated; adding the intervals as if independent is conservative.
    """
    first = rows.filter(pl.col("reading") == rows["reading"][0]).select(
        "scenario", "outcome", pl.col(value).alias("of_first"), half_first=(pl.col("high") - pl.col("low")) / 2
    )
    half = ((pl.col("high") - pl.col("low")).pow(2) / 4 + pl.col("half_first").pow(2)).sqrt()
    other = pl.when(pl.col("reading") != rows["reading"][0])
    gap = pl.col(value) - pl.col("of_first")
    joined = rows.join(first, on=("scenario", "outcome"), how="left", maintain_order="left")
    columns = {"apart": gap, "apart_low": gap - half, "apart_high": gap + half}
    return joined.with_columns(**{key: other.then(each) for key, each in columns.items()}).drop(
        "of_first", "half_first"
    )


def conclusions(readings: pl.DataFrame) -> pl.DataFrame:
    """Classify each effect of ``readings`` as holds, only, contradict, unclear or zero, over all sets.

    ``says`` is the sign, ``under`` lists the sets in which it is clear, and ``apart`` is true if any set differs from
    the first by more than the intervals allow.
    """
    found = []
    for _, part in readings.group_by("scenario", "outcome", maintain_order=True):
        rows = part.to_dicts()
        said = {row["reading"]: sign(row) for row in rows}
        known = concluded(said, all(_nothing(row) for row in rows))
        facts = {key: rows[0][key] for key in ("scenario", *LABELS)}
        found.append(facts | _told(known) | {"apart": any(_excludes(row, "apart_low", "apart_high") for row in rows)})
    return pl.DataFrame(found)


def sign(row: Mapping[str, Any]) -> str:
    """Return ``lower`` or ``higher``, empty if the interval includes zero or is unknown."""
    if not _excludes(row, "low", "high"):
        return ""
    return "lower" if row["difference"] < 0 else "higher"


def concluded(said: Mapping[str, str], nothing: bool = False) -> Conclusion:
    """Combine what each set says (empty for no clear result); ``nothing`` marks an effect of exactly zero under all."""
    under = tuple(name for name, words in said.items() if words)
    words = list(dict.fromkeys(said[name] for name in under))
    if nothing:
        return Conclusion(ZERO, "", tuple(said))
    if not under:
        return Conclusion(UNCLEAR, "", ())
    if len(words) > 1:
        return Conclusion(CONTRADICT, ", ".join(f"{name}: {said[name]}" for name in under), under)
    return Conclusion(HOLDS if len(under) == len(said) else ONLY, words[0], under)


def bests(ranking: pl.DataFrame) -> pl.DataFrame:
    """Name the best rule, or those tied with it, under each set, and classify what the sets say together.

    ``probability`` is the chance to be one of them, null (and ``best`` empty) where a single firm gives none. A set is
    clear if that chance is at least 95 %, or if no draw has a better rule.
    """
    found = []
    for _, outcome in ranking.group_by("outcome", maintain_order=True):
        tops = {}
        for reading, part in outcome.group_by("reading", maintain_order=True):
            rows = part.to_dicts()
            best = leaders(rows)
            mine = [row for row in rows if row["scenario"] in best]
            likely = min(sum(row["probability_best"] for row in mine), 1.0) if mine else None
            # Others may be exactly as good in some draws and share the chance; none is better where there is no regret.
            sure = likely is not None and (likely >= SURE or mine[0]["regret_high"] == 0)
            tops[str(reading[0])] = (rows[0], ", ".join(best), likely, sure)
        said = {name: best if sure else "" for name, (_, best, _, sure) in tops.items()}
        known = _told(concluded(said))
        found += [
            {"reading": name, **{key: row[key] for key in LABELS}, "best": best, "probability": likely, **known}
            for name, (row, best, likely, _) in tops.items()
        ]
    return pl.DataFrame(found, schema_overrides={"probability": pl.Float64})


def _told(known: Conclusion) -> dict[str, str]:
    """Return a conclusion as columns."""
    return {"conclusion": known.kind, "says": known.says, "under": ", ".join(known.under)}


def _excludes(row: Mapping[str, Any], low: str, high: str) -> bool:
    """Return whether an interval is known and excludes zero."""
    return row[low] is not None and not row[low] <= 0 <= row[high]


def _nothing(row: Mapping[str, Any]) -> bool:
    """Return whether an effect is exactly zero."""
    return bool(row["difference"] == row["low"] == row["high"] == 0)


def clause(row: Mapping[str, Any], sets: Sequence[str]) -> str:
    """Write a conclusion in a few words, as in "lower under both"."""
    both, neither = ("both", "neither tells") if len(sets) == 2 else ("all", "none tells")
    return {
        HOLDS: f"{row['says']} under {both}",
        ONLY: f"{row['says']} only under {row['under'].replace(', ', ' and ')}",
        CONTRADICT: f"contradict: {row['says'].replace(': ', ' ')}",
        UNCLEAR: neither,
        ZERO: f"exactly 0 under {both}",
    }[row["conclusion"]]


def print_readings(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print the estimates under each set and which conclusions depend on the set."""
    sets = [each["name"] for each in manifest["readings"]]
    names, reference = manifest["scenarios"], manifest["counterfactual"]
    paired = "conclusions" in tables
    against = f" against {reference}" if paired else ""
    _say(console, f"[bold]Robustness to the evidence: {', '.join(names)}{against}, under {' and '.join(sets)}[/]")
    _say(console, f"Simulated: {manifest['people']:,} people, {manifest['weeks']} weeks, seed {manifest['seed']}.")
    for each in manifest["readings"]:
        drawn = f"one of {each['draws']:,} draws in each" if each["draws"] else "one value of each parameter in all"
        _say(console, f"• {each['name']}: {each['replicates']} replicates, {drawn}; {folder.parent / each['folder']}.")
    for name in names:
        console.print(_table(tables, name, sets, manifest["titles"][name]["en"]))
    _say(console, _legend(paired, sets))
    shown = tables["readings"].filter(pl.col("outcome").is_in(SHOWN))
    if told := widths(shown.to_dicts()):
        _say(console, told)
    if min(each["replicates"] for each in manifest["readings"]) < ENOUGH:
        _say(console, f"So few replicates tell little of parameters: use --replicates {ENOUGH} or more before quoting.")
    console.print()
    if paired:
        for line in _depends(tables["conclusions"], sets):
            _say(console, line)
    if "best" in tables:
        _say(console, f"[bold]Best rule[/], told where its chance is at least {SURE:.0%}:")
        for line in _best(tables["best"], sets):
            _say(console, line)
    console.print()
    _say(console, f"All outcomes: the tables in {escape(str(folder))}; see docs/calibration.md.")


def readings_text(tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path) -> str:
    """Write what ``print_readings`` prints as plain text for ``summary.txt``."""
    page = io.StringIO()
    plain = Console(file=page, width=WIDTH, no_color=True, force_terminal=False, legacy_windows=False)
    print_readings(plain, tables, manifest, folder)
    return page.getvalue()


def _table(tables: Mapping[str, pl.DataFrame], scenario: str, sets: Sequence[str], title: str) -> Table:
    """Lay out one scenario, outcomes by sets, with the combined conclusion."""
    mine = tables["readings"].filter(pl.col("scenario") == scenario, pl.col("outcome").is_in(SHOWN))
    cells = {(row["outcome"], row["reading"]): row for row in mine.to_dicts()}
    known = {}
    if "conclusions" in tables:
        rows = tables["conclusions"].filter(pl.col("scenario") == scenario)
        known = {row["outcome"]: row for row in rows.to_dicts()}
    table = Table("", *sets, *(["together"] * bool(known)), box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.title, table.title_justify, table.title_style = f"{escape(scenario)}: {escape(title)}", "left", "bold"
    for outcome in (name for name in SHOWN if (name, sets[0]) in cells):
        row = cells[outcome, sets[0]]
        unit = ("pp" if known else "%") if row["unit"] == "share" else row["unit"]
        head = f"{outcome.replace('_', ' ')} [dim]{unit}[/]"
        apart = any(_excludes(cells[outcome, name], "apart_low", "apart_high") for name in sets)
        words = [clause(known[outcome], sets)] if known else []
        if apart:
            words = [f"{words[0]} {APART}"] if words else words
        values = [_cell(cells[outcome, name], bool(known)) for name in sets]
        if apart and not words:
            values[-1] += f" {APART}"
        table.add_row(head, *values, *words)
    return table


def _cell(row: Mapping[str, Any], paired: bool) -> str:
    """Write a change with its mark and interval, or a level with its interval."""
    value = row["difference" if paired else "scenario_value"]
    if value is None:
        return "–"
    if paired and _nothing(row):
        return "0"
    bare, *ends = (
        written(each, row["unit"], signed=paired).removesuffix(" pp").removesuffix(" %")
        for each in (value, row["low"], row["high"])
    )
    return f"{bare}{mark(row) if paired else ''} [dim]{' to '.join(ends)}[/]"


def _legend(paired: bool, sets: Sequence[str]) -> str:
    """Explain the marks."""
    apart = f"{APART} differs from {sets[0]} by more than both intervals allow; without it the sets may agree."
    if not paired:
        return f"Values with 95 % intervals. {apart}"
    return (
        "Changes with 95 % intervals, which hold chance and, where drawn, parameters. ** survives Holm's correction, * "
        f"excludes zero by itself; either counts as told. {apart}"
    )


def _depends(rows: pl.DataFrame, sets: Sequence[str]) -> list[str]:
    """List the conclusions that depend on the set, and count the others."""
    shown = rows.filter(pl.col("outcome").is_in(SHOWN))
    counts = dict(shown.group_by("conclusion").len().iter_rows())
    both, neither = ("both", "neither tells") if len(sets) == 2 else ("all", "none tells")
    words = {
        HOLDS: f"hold under {both}",
        ONLY: f"are told only under {'one' if len(sets) == 2 else 'some'}",
        CONTRADICT: "contradict each other",
        UNCLEAR: f"{neither}",
        ZERO: f"are exactly 0 under {both}",
    }
    told = ", ".join(f"{counts[key]} {text}" for key, text in words.items() if key in counts)
    lines = [f"[bold]Of {shown.height} signs of effects[/], {told}."]
    differ = shown.filter(pl.col("apart") & (pl.col("conclusion") == ONLY) | (pl.col("conclusion") == CONTRADICT))
    alike = shown.filter(~pl.col("apart") & (pl.col("conclusion") == ONLY))
    if shown.filter(pl.col("conclusion").is_in((ONLY, CONTRADICT))).is_empty():
        return [*lines, "• No sign depends on the set of parameters."]
    for head, part in (
        ("Depend on the set of parameters", differ),
        ("Told under some, but they may agree", alike),
    ):
        for name, mine in part.group_by("scenario", maintain_order=True):
            lines.append(f"• {head}, {name[0]}: {'; '.join(_grouped(mine.to_dicts(), sets))}.")
    return lines


def _grouped(rows: Sequence[Mapping[str, Any]], sets: Sequence[str]) -> Iterator[str]:
    """Yield conclusions, merging outcomes that share the same words."""
    words: dict[str, list[str]] = {}
    for row in rows:
        words.setdefault(clause(row, sets), []).append(row["outcome"].replace("_", " "))
    for said, outcomes in words.items():
        yield f"{', '.join(outcomes)} {said}"


def _best(rows: pl.DataFrame, sets: Sequence[str]) -> list[str]:
    """Write for each outcome which rule is best under each set."""
    lines = []
    for outcome, part in rows.filter(pl.col("outcome").is_in(SHOWN)).group_by("outcome", maintain_order=True):
        mine = part.to_dicts()
        chances = "; ".join(f"{row['reading']}: {_top(row)}" for row in mine)
        name = NAMES.get(str(outcome[0]), str(outcome[0]).replace("_", " "))
        lines.append(f"• {name}: {clause(mine[0], sets)} ({chances}).")
    return lines


def _top(row: Mapping[str, Any]) -> str:
    """Write the best rule under a set with its probability."""
    return f"{row['best']} {chance(row['probability'])}%" if row["best"] else "no chances known"


def _say(console: Console, text: str) -> None:
    """Print a paragraph without highlighting numbers."""
    console.print(text, highlight=False)
