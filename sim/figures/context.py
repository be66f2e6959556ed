"""What figures need to know about a run: title, worlds, dates, phases, firms and people.

Manifests are read only here: by ``setting`` (a run), ``overview`` (a comparison), ``campaign`` (a calibration) and
``logged`` (a message log), which raise a ``ResultsError`` if an entry is missing or malformed. Captions depend on them.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, NamedTuple

import polars as pl

from sim.core.errors import ResultsError
from sim.core.parameters import ROWS
from sim.figures.fonts import shortened
from sim.figures.style import SMALL, readable
from sim.figures.words import (
    cited,
    counted,
    date_text,
    has_name,
    label,
    language_in_force,
    own_title,
    own_titles,
    say,
    window_words,
)

LONGEST = 2.0  # inches, of a name in a row, a column or a legend

Tables = Mapping[str, pl.DataFrame]
Cell = Mapping[str, Any]  # a row of a table, by column


class Phase(NamedTuple):
    """A stretch of time under rules."""

    label: str
    start: date
    end: date  # the first day after it
    ramp_days: int


class Setting(NamedTuple):
    """What is known of a run, a comparison or a calibration; fields that do not apply are empty."""

    title: str
    scenario: str  # names of the worlds
    counterfactual: str
    start: date | None = None
    replicates: int = 0
    seed: int | str = 0
    phases: tuple[Phase, ...] = ()
    titles: Mapping[str, str] = {}  # of scenarios, in the language in force, where known
    scenarios: tuple[str, ...] = ()  # of a comparison
    stages: Mapping[str, tuple[Phase, ...]] = {}  # phases of its scenarios
    method: str = ""  # of a sweep: how its points were chosen
    measured: Mapping[str, float] = {}  # in a run of a sweep, on average: people, firms and weeks
    drawn: str = ""  # parameter set of which each replicate has a draw; empty if all share one value each
    simulations: int = 0  # of a calibration
    draws: int = 0  # from its posterior
    hours: Mapping[str, tuple[int, int]] = {}  # of the day, at which firms of industries open and close; "" the others
    log: Mapping[str, Any] = {}  # of a message log: its entries and people, the doubt about its clock, the model

    @property
    def paired(self) -> bool:
        """Whether there are two worlds to compare."""
        return self.scenario != self.counterfactual

    @property
    def day0(self) -> date:
        """Date of day 0; a ``ResultsError`` if the manifest has none."""
        if self.start is None:
            raise ResultsError("the manifest does not say what figures need: 'start', the date of day 0")
        return self.start

    def name(self, world: str) -> str:
        """Return a short name of a world: a translation, else in Chinese its own title, else its name, cut if long."""
        own = language_in_force() == "zh" and not has_name("scenario", world)
        return shortened((own and self.titles.get(world)) or label("scenario", world), LONGEST, SMALL)

    def title_of(self, world: str) -> str:
        """Return the title of a world, its short name if the title is unknown."""
        return self.titles.get(world) or label("scenario", world)

    def cited(self, *worlds: str) -> str:
        """Name worlds in a sentence, by their titles."""
        return cited(map(self.title_of, worlds))

    def about(self, scenario: str) -> "Setting":
        """Narrow a comparison to one of its scenarios."""
        return self._replace(title=self.title_of(scenario), scenario=scenario, phases=self.stages.get(scenario, ()))


@contextmanager
def _manifest_errors() -> Iterator[None]:
    """Raise a ``ResultsError`` where an entry of a manifest is missing or malformed."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ResultsError(f"the manifest does not say what figures need: {error}") from error


@_manifest_errors()
def setting(manifest: Mapping[str, Any]) -> Setting:
    """Read the manifest of a run."""
    resolved, name = manifest["resolved"], str(manifest["scenario"])
    reference = str(manifest["counterfactual"] or name)
    return Setting(
        title=readable(own_title(resolved), label("scenario", name)),
        scenario=name,
        counterfactual=reference,
        start=_day(resolved["calendar"]["start"]),
        phases=phases(manifest["phases"], resolved),
        titles=titles({reference: manifest.get("resolved_counterfactual") or {}, name: resolved}),
        drawn=drawn_from(manifest),
        hours=_hours(resolved),
        log=manifest.get("log") or {},
        **_counts(resolved["run"], "replicates", "seed"),
    )


@_manifest_errors()
def overview(manifest: Mapping[str, Any]) -> Setting:
    """Read a manifest of several scenarios, or of none.

    Optional entries: ``scenarios``, ``scenario``, ``counterfactual``, ``replicates``, ``seed``, ``titles`` (name to
    language to title), ``heading`` (a title by language that replaces the usual one), ``start``, ``phases`` by
    scenario, and the ``method`` of a sweep.
    """
    names = [str(name) for name in manifest.get("scenarios") or [manifest.get("scenario") or ""]]
    reference = str(manifest.get("counterfactual") or names[0])
    resolved = manifest.get("resolved") or {}
    start = manifest.get("start") or resolved.get("calendar", {}).get("start")
    run = Setting(
        title="",
        scenario=names[0],
        counterfactual=reference,
        start=_day(start) if start else None,
        titles=titles({name: manifest.get("titles", {}).get(name, {}) for name in (*names, reference)}),
        scenarios=tuple(name for name in names if name),
        stages={
            str(name): phases(each, resolved.get(name, {})) for name, each in (manifest.get("phases") or {}).items()
        },
        method=str(manifest.get("method") or ""),
        measured=manifest.get("measured") or {},
        drawn=drawn_from(manifest),
        log=manifest.get("log") or {},
        seed=manifest.get("seed") or 0,
        **_counts(manifest, "replicates"),
    )
    title = run.title_of(names[0])
    if len(names) > 1:
        count = counted(len([name for name in names if name != reference]), "scenario")
        title = say("comparison_title", scenarios=count, reference=run.cited(reference))
    return run._replace(title=titles({"": manifest.get("heading", {})}).get("", title))


@_manifest_errors()
def campaign(manifest: Mapping[str, Any]) -> Setting:
    """Read the manifest of a calibration: the set of ``targets``, and optionally title, seed, simulations and draws."""
    name = str(manifest["targets"])
    targets = (
        label("targets", name) if has_name("targets", name) else readable(str(manifest.get("title") or name), name)
    )
    return Setting(say("fit_title", targets=targets), name, name, **_counts(manifest, "seed", "simulations", "draws"))


@_manifest_errors()
def logged(manifest: Mapping[str, Any]) -> Setting:
    """Read the manifest of a message log: its facts, doubts about them, and the size of the model beside it."""
    read, model = manifest["log"], manifest["model"]
    facts = {"entries": read["used"], "people": read["people"], "clock": manifest["doubts"]["clock"]}
    title = say("traffic_title" if model else "traffic_title_alone")
    title = say("headed", head=title, text=readable(str(read["name"]), "log"))
    return Setting(title, "", "", log=facts | {"model": model})


def _hours(resolved: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Return the hours of the day within which firms of the middle opening work, by industry with hours of its own."""
    names = ("opening_clock", "opening_step", "opening_choices", "day_hours")
    usual = {name: ROWS[name].value for name in names} | dict(resolved.get("parameters") or {})
    own = dict((resolved.get("population") or {}).get("hours") or {})
    hours = {}
    for industry, says in {"": {}, **own}.items():
        held = usual | {name: value for name, value in says.items() if value is not None}
        first, step, choices, long = (float(held[name]) for name in names)
        opens = round(first + step * (choices - 1) / 120, 6)
        hours[industry] = math.floor(opens), math.ceil(round(opens + long, 6))
    return hours


def usual_hours(run: Setting, tables: Tables) -> tuple[int, int]:
    """Return the hours of the day at which most firms that a figure is about open and close."""
    industries = firms_shown(tables)["industry"].cast(pl.String) if len(run.hours) > 1 else [""]
    return Counter(run.hours.get(name, run.hours[""]) for name in industries).most_common(1)[0][0]


def _counts(about: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return whole numbers of a manifest; those that it does not have are zero."""
    return {name: int(about.get(name) or 0) for name in names}


def campaign_note(run: Setting) -> str:
    """Write how many simulations and draws a calibration is based on, if its manifest has them."""
    counts = {"simulations": f"{run.simulations:,}", "draws": f"{run.draws:,}", "seed": run.seed}
    return say("fit_rests", **counts) if run.simulations else ""


def drawn_from(manifest: Mapping[str, Any]) -> str:
    """Return the name of the parameter set that replicates were drawn from; empty if all share one value each."""
    about = manifest.get("uncertainty") or {}
    return readable(str(about["name"]), say("unnamed_set")) if about and about.get("draws") != 0 else ""


def phases(listed: Sequence[Mapping[str, Any]], resolved: Mapping[str, Any]) -> tuple[Phase, ...]:
    """Read phases, each with label, start, end (the first day after it) and ramp_days.

    A lever without a start ramps up from the beginning of the warm-up of the ``resolved`` scenario, and if its ramp is
    longer, so does its phase.
    """
    found, warmup = [], int(resolved.get("run", {}).get("warmup_days", 0))
    rising = {lever["phase"] for lever in resolved.get("levers", ())
              if not lever.get("start") and lever.get("ramp_days", 0) > warmup}  # fmt: skip
    for number, phase in enumerate(listed, start=1):
        name = readable(label("phase", str(phase["label"])), say("phase", n=number))
        begins = start = _day(phase["start"])
        if phase["label"] in rising:
            start = min(begins, _day(resolved["calendar"]["start"]) - timedelta(days=warmup))
        found.append(Phase(name, start, _day(phase["end"]), int(phase["ramp_days"]) + (begins - start).days))
    return tuple(found)


def titles(said: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the titles that can be drawn, by scenario; see ``own_titles``."""
    found = {name: readable(title, "") for name, title in own_titles(said).items()}
    return {name: title for name, title in found.items() if title}


def _day(value: Any) -> date:
    """Convert a date, or a text that begins with one."""
    return date.fromisoformat(str(value)[:10])


def table(tables: Tables, name: str, columns: Sequence[str], numbers: Sequence[str] = ()) -> pl.DataFrame:
    """Return a table with categories as text and NaN where one of the columns ``numbers`` is unknown.

    Raises ``ResultsError`` if it or one of the columns is missing.
    """
    if name not in tables:
        raise ResultsError(f"the figures need the table '{name}', which the results lack")
    frame = tables[name]
    if lacking := [column for column in (*columns, *numbers) if column not in frame.columns]:
        raise ResultsError(f"the table '{name}' lacks the column '{lacking[0]}', which the figures need")
    known = (pl.col(column).cast(pl.Float64).fill_null(math.nan) for column in numbers)
    return frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String), *known)


def firms_shown(tables: Tables) -> pl.DataFrame:
    """Return the firms that a figure is about: those that the rule reaches, or all if it reaches none."""
    firms = table(tables, "firms", ("replicate", "firm", "size", "in_scope"))
    return firms.filter("in_scope") if firms["in_scope"].any() else firms


def sample_note(run: Setting, tables: Tables) -> str:
    """Write how many firms, people and replicates of a run a figure is based on, and the seed."""
    firms, chosen = table(tables, "firms", ("in_scope",)), firms_shown(tables)
    key = ("firms_reached" if firms["in_scope"].any() else "firms_none_reached") if run.paired else "firms_alone"
    people = counted(int(chosen["size"].sum()), "person")
    others = firms.height - chosen.height
    rest = say("firms_beside", firms=counted(others, "firm")) if others else ""
    return based_on(run, say(key, firms=counted(chosen.height, "firm"), people=people) + rest)


def based_on(run: Setting, firms: str = "", key: str = "replicates_seed") -> str:
    """Write replicates and seed after the ``firms`` of a figure, or as a sentence of their own if there are any."""
    if not firms and not run.replicates:
        return ""
    words = say(key if firms else "replicates_only", replicates=counted(run.replicates, "replicate"), seed=run.seed)
    return firms + words


def any_stated(tables: Tables) -> bool:
    """Return whether the tables of effects hold an interval that is not exactly zero; true if there are none."""
    frames = [
        tables[name]
        for name in ("effects", "levels", "explanation")
        if name in tables and "high" in tables[name].columns
    ]
    known = (frame.select("low", "high").drop_nulls().drop_nans() for frame in frames)
    return not frames or any((frame["low"] < frame["high"]).any() for frame in known)


def over_what(run: Setting, tables: Tables) -> str:
    """Write what the intervals of a figure cover: firms, or parameters as well; empty if none is stated."""
    return covers(run, "over") if any_stated(tables) else ""


def covers(run: Setting, what: str) -> str:
    """Write what intervals (``what="over"``) or chances (``"chances"``) cover."""
    if not run.drawn:
        return say(f"{what}_firms")
    if run.replicates == 1:
        return say(f"{what}_one")
    return say(f"{what}_both", name=label("reading", run.drawn))


def window(run: Setting, tables: Tables, name: str = "effects") -> str:
    """Write which weeks the effects of a table are averaged over; if scenarios differ, only that each has its own."""
    labels = table(tables, name, ("window",))["window"].unique(maintain_order=True).to_list()
    if not labels:
        return ""
    words = window_words(labels[0]) if len(labels) == 1 else say("window_own")
    return say("window", window=words, day=date_text(run.start)) if run.start else say("window_only", window=words)
