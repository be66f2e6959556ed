"""Robustness to the evidence: one study under several sets of parameters, and what of it depends on the set.

Each set (fitted to the report at its word, to the report after the audit, or to figures of one's own) gets a study of
its own, with results of its own. Then all are laid side by side. A conclusion is what an interval allows to be said:
the sign of an effect, if its 95 % interval excludes zero; the best rule, if it is best with a chance of 95 %. That one
set tells and another does not is no proof that they differ, so the difference of the two effects is told as well.
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

from sim import files, store
from sim.comparing.overview import SHOWN, mark
from sim.comparing.ranking import leaders
from sim.comparing.study import SUMMARY, Manner, check_drawn, illustrated, note
from sim.comparing.summary import ENOUGH, NAMES, WIDTH, widths
from sim.outcomes import written
from sim.ranks import chance
from sim.uncertainty import Draws

KIND = "readings"
SURE = 0.95  # chance of being best from which on a rule is called the best
HOLDS, ONLY, CONTRADICT, UNCLEAR, ZERO = "holds", "only", "contradict", "unclear", "zero"
APART = "≠"
LABELS = ("outcome", "family", "unit", "better")
KEPT = ("scenario", "counterfactual", *LABELS, "window", "firms", "people")
NUMBERS = ("baseline", "scenario_value", "difference", "low", "high", "half_chance", "half_parameters", "p_holm")
COMMON = ("counterfactual", "engine", "seed", "people", "weeks")


class Conclusion(NamedTuple):
    """What several sets of parameters say together."""

    kind: str  # holds under all, only under some, contradict, unclear under all, or zero: exactly nothing under all
    says: str  # lower, higher, or the best rule; of a contradiction what each says; empty if none tells
    under: tuple[str, ...]  # sets that tell


def under_each(sets: Mapping[str, Draws | None], manner: Manner, each: Callable[[Manner], None]) -> None:
    """Do a study under each set of parameters, and lay the results side by side.

    Parameters
    ----------
    sets : Mapping[str, Draws | None]
        At least two, by name.
    manner : Manner
        How it is done; the folder's name gets the name of each set, and those of all for what is laid side by side.
    each : Callable[[Manner], None]
        Does the study in the manner given.
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
    """State which sets were laid side by side, for the manifest.

    Parameters
    ----------
    parts : Mapping[str, store.Results]
        Results under each set.
    sets : Mapping[str, Draws | None]
        The sets.

    Yields
    ------
    dict[str, Any]
        Name, folder of the results, replicates, and what the manifest of the results says of the draws.
    """
    for name, part in parts.items():
        draws = sets[name]
        facts = {"name": name, "folder": part.folder.name, "replicates": _replicates(part.manifest)}
        yield facts | {"draws": len(draws.rows) if draws else None, "sha256": draws.sha256 if draws else None}


def common(parts: Mapping[str, store.Results]) -> dict[str, Any]:
    """State what all results share, for the manifest.

    Parameters
    ----------
    parts : Mapping[str, store.Results]
        Results under each set.

    Returns
    -------
    dict[str, Any]
        Names and titles of the scenarios, start, sizes, seed, engine, seconds of all, and the time of day.
    """
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
    """Say how many replicates results have."""
    return int(manifest["replicates"])


def side_by_side(parts: Mapping[str, Mapping[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """Lay the tables of one study under several sets of parameters side by side.

    Parameters
    ----------
    parts : Mapping[str, Mapping[str, pl.DataFrame]]
        Tables of the results under each set, by the name of the set.

    Returns
    -------
    dict[str, pl.DataFrame]
        ``readings``: every outcome of everybody under each set, and how far it is ``apart`` from the first one;
        ``conclusions``: what they say together; and of a comparison ``ranking`` under each set and ``best``, the best
        rule. Where nothing is compared there is only the first one, whose interval is that of the value.
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
    """Take what one set says of everybody."""
    frame = tables["effects" if paired else "levels"].filter(pl.col("group") == "all")
    if not paired:
        unknown = [pl.lit(None, pl.Float64).alias(key) for key in ("baseline", "difference", "p_holm")]
        frame = frame.rename({"value": "scenario_value"})
        frame = frame.with_columns(*unknown, pl.lit(None, pl.String).alias("counterfactual"))
    return frame.select(pl.lit(name).alias("reading"), *KEPT, *NUMBERS)


def _apart(rows: pl.DataFrame, value: str) -> pl.DataFrame:
    """Say how far each value is from that of the first set.

    Both have the same firms, so that chance moves them alike; their intervals are added as if it did not, which makes
    the interval of the difference rather too wide.
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
    """Say what all sets say together of each effect.

    Parameters
    ----------
    readings : pl.DataFrame
        From ``side_by_side``.

    Returns
    -------
    pl.DataFrame
        One row per scenario and outcome: ``conclusion`` (holds, only, contradict, unclear, zero), what it ``says``,
        ``under`` which sets, and whether any set is ``apart`` from the first one by more than the intervals allow.
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
    """Say what an effect's interval allows to be said.

    Parameters
    ----------
    row : Mapping[str, Any]
        With ``difference``, ``low`` and ``high``.

    Returns
    -------
    str
        ``lower`` or ``higher``; empty if the interval holds zero or is not known.
    """
    if not _excludes(row, "low", "high"):
        return ""
    return "lower" if row["difference"] < 0 else "higher"


def concluded(said: Mapping[str, str], nothing: bool = False) -> Conclusion:
    """Say what several sets say together.

    Parameters
    ----------
    said : Mapping[str, str]
        What each says, empty if it does not tell.
    nothing : bool
        Whether there is exactly no effect under all of them.

    Returns
    -------
    Conclusion
        Whether it depends on the set of parameters.
    """
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
    """Say which rule is the best under each set, and what they say together.

    Parameters
    ----------
    ranking : pl.DataFrame
        From ``side_by_side``.

    Returns
    -------
    pl.DataFrame
        One row per outcome and set: the ``best`` rule, or those that are exactly as good, with the ``probability`` that
        it is one of them (ties with others are shared), and ``conclusion``, what it ``says`` and ``under`` which sets,
        of all sets together: a set tells where none is better in at least 95 % of the draws. Nothing is best, and the
        probability is null, where there are no chances, as with a single firm.
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
    """Put a conclusion into columns."""
    return {"conclusion": known.kind, "says": known.says, "under": ", ".join(known.under)}


def _excludes(row: Mapping[str, Any], low: str, high: str) -> bool:
    """Say whether an interval is known and excludes zero."""
    return row[low] is not None and not row[low] <= 0 <= row[high]


def _nothing(row: Mapping[str, Any]) -> bool:
    """Say whether an effect is exactly zero."""
    return bool(row["difference"] == row["low"] == row["high"] == 0)


def clause(row: Mapping[str, Any], sets: Sequence[str]) -> str:
    """Write a conclusion in few words.

    Parameters
    ----------
    row : Mapping[str, Any]
        With ``conclusion``, ``says`` and ``under``.
    sets : Sequence[str]
        Names of all sets.

    Returns
    -------
    str
        As in "lower under both" or "neither tells".
    """
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
    """Print what depends on the set of parameters.

    Parameters
    ----------
    console : Console
        Where to print.
    tables : Mapping[str, pl.DataFrame]
        From ``side_by_side``.
    manifest : Mapping[str, Any]
        The manifest.
    folder : Path
        Where the results lie.
    """
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
    """Write the same as plain text.

    Parameters
    ----------
    tables : Mapping[str, pl.DataFrame]
        From ``side_by_side``.
    manifest : Mapping[str, Any]
        The manifest.
    folder : Path
        Where the results lie.

    Returns
    -------
    str
        The text of ``summary.txt``.
    """
    page = io.StringIO()
    plain = Console(file=page, width=WIDTH, no_color=True, force_terminal=False, legacy_windows=False)
    print_readings(plain, tables, manifest, folder)
    return page.getvalue()


def _table(tables: Mapping[str, pl.DataFrame], scenario: str, sets: Sequence[str], title: str) -> Table:
    """Lay out one scenario: outcomes as rows, sets as columns, and what they say together."""
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
    """Write a change with its mark and its interval, or a level with its interval."""
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
    """List which conclusions depend on the set, and count the others."""
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
    """List conclusions, those with the same words together."""
    words: dict[str, list[str]] = {}
    for row in rows:
        words.setdefault(clause(row, sets), []).append(row["outcome"].replace("_", " "))
    for said, outcomes in words.items():
        yield f"{', '.join(outcomes)} {said}"


def _best(rows: pl.DataFrame, sets: Sequence[str]) -> list[str]:
    """Say for each headline which rule is best under each set."""
    lines = []
    for outcome, part in rows.filter(pl.col("outcome").is_in(SHOWN)).group_by("outcome", maintain_order=True):
        mine = part.to_dicts()
        chances = "; ".join(f"{row['reading']}: {_top(row)}" for row in mine)
        name = NAMES.get(str(outcome[0]), str(outcome[0]).replace("_", " "))
        lines.append(f"• {name}: {clause(mine[0], sets)} ({chances}).")
    return lines


def _top(row: Mapping[str, Any]) -> str:
    """Write the best rule under a set with its chance."""
    return f"{row['best']} {chance(row['probability'])}%" if row["best"] else "no chances known"


def _say(console: Console, text: str) -> None:
    """Print a paragraph without colouring numbers."""
    console.print(text, highlight=False)
