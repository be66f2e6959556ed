"""What the manifest and the tables say about a run: title, worlds, dates, phases, firms and people."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from sim.errors import ResultsError
from sim.figures.style import readable
from sim.figures.words import counted, known, label, say, spoken, window_words, written

Tables = Mapping[str, pl.DataFrame]


class Phase(NamedTuple):
    """A stretch of time under rules."""

    label: str
    start: date
    end: date  # the first day after it
    ramp_days: int


class Setting(NamedTuple):
    """What is known of a run, or of a comparison of several."""

    title: str
    scenario: str  # names of the worlds
    counterfactual: str
    start: date | None
    replicates: int
    seed: int
    phases: tuple[Phase, ...]
    titles: Mapping[str, str] = {}  # of scenarios, in the language spoken, where they are known
    scenarios: tuple[str, ...] = ()  # of a comparison
    stages: Mapping[str, tuple[Phase, ...]] = {}  # phases of its scenarios
    drawn: str = ""  # set that the parameters of each replicate were drawn from; empty for one value each
    simulations: int = 0  # of a calibration
    draws: int = 0  # from its posterior

    @property
    def paired(self) -> bool:
        """Whether there are two worlds to compare."""
        return self.scenario != self.counterfactual

    @property
    def worlds(self) -> tuple[str, ...]:
        """Worlds that were simulated, the counterfactual first."""
        return (self.counterfactual, self.scenario) if self.paired else (self.scenario,)

    @property
    def day0(self) -> date:
        """Day 0, which a figure over time cannot do without."""
        if self.start is None:
            raise ResultsError("the manifest does not say what figures need: 'start', the date of day 0")
        return self.start

    def name(self, world: str) -> str:
        """Write the name of a world in few words.

        Parameters
        ----------
        world : str
            Name as in the tables.

        Returns
        -------
        str
            From the table of words, else in Chinese the title that the scenario gives itself, else the name.
        """
        if known("scenario", world) or spoken() == "en" or world not in self.titles:
            return label("scenario", world)
        return self.titles[world]

    def about(self, scenario: str) -> "Setting":
        """Choose one scenario of a comparison.

        Parameters
        ----------
        scenario : str
            Its name.

        Returns
        -------
        Setting
            As for a run of it.
        """
        title = self.titles.get(scenario) or self.name(scenario)
        return self._replace(title=title, scenario=scenario, phases=self.stages.get(scenario, ()))


def setting(manifest: Mapping[str, Any]) -> Setting:
    """Read what the figures of a run need from its manifest.

    Parameters
    ----------
    manifest : Mapping[str, Any]
        With the names ``scenario`` and ``counterfactual``, the ``resolved`` scenario (title, calendar, run) and the
        ``phases``, each with label, start, end (the first day after it) and ramp_days. Dates may be text.

    Returns
    -------
    Setting
        The same, checked, with the title in the language spoken.

    Raises
    ------
    ResultsError
        If something is missing or makes no sense.
    """
    try:
        resolved, name = manifest["resolved"], str(manifest["scenario"])
        title = resolved.get("title_zh") if spoken() == "zh" else ""
        return Setting(
            title=readable(str(title or resolved["title"]), label("scenario", name)),
            scenario=name,
            counterfactual=str(manifest["counterfactual"] or name),
            start=_day(resolved["calendar"]["start"]),
            replicates=int(resolved["run"]["replicates"]),
            seed=int(resolved["run"]["seed"]),
            phases=phases(manifest["phases"]),
            titles=titles({name: resolved}),
            drawn=drawn(manifest),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ResultsError(f"the manifest does not say what figures need: {error}") from error


def overview(manifest: Mapping[str, Any]) -> Setting:
    """Read what figures of several scenarios, or of none, need from a manifest.

    Parameters
    ----------
    manifest : Mapping[str, Any]
        With ``counterfactual``, ``replicates`` and ``seed``, and where it has them ``scenarios`` (names), ``scenario``,
        ``titles`` (name to language to title), ``heading`` (a title of its own, by language), ``start`` and ``phases``
        (name to the phases of each).

    Returns
    -------
    Setting
        The same, checked.

    Raises
    ------
    ResultsError
        If something makes no sense.
    """
    try:
        names = [str(name) for name in manifest.get("scenarios") or [manifest.get("scenario") or ""]]
        reference = str(manifest.get("counterfactual") or names[0])
        called = titles({name: manifest.get("titles", {}).get(name, {}) for name in (*names, reference)})
        title = called.get(names[0]) or label("scenario", names[0])
        if len(names) > 1:
            count = counted(len([name for name in names if name != reference]), "scenario")
            title = say("comparison_title", scenarios=count, reference=label("scenario", reference))
        title = titles({"": manifest.get("heading", {})}).get("", title)
        start = manifest.get("start") or manifest.get("resolved", {}).get("calendar", {}).get("start")
        return Setting(
            title=title,
            scenario=names[0],
            counterfactual=reference,
            start=_day(start) if start else None,
            replicates=int(manifest.get("replicates") or 0),
            seed=int(manifest.get("seed") or 0),
            phases=(),
            titles=called,
            scenarios=tuple(name for name in names if name),
            stages={str(name): phases(listed) for name, listed in (manifest.get("phases") or {}).items()},
            drawn=drawn(manifest),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ResultsError(f"the manifest does not say what figures need: {error}") from error


def drawn(manifest: Mapping[str, Any]) -> str:
    """Read where the parameters of the replicates came from.

    Parameters
    ----------
    manifest : Mapping[str, Any]
        A manifest.

    Returns
    -------
    str
        Name of the set that they were drawn from, in signs that can be drawn; empty for one value each.
    """
    about = manifest.get("uncertainty") or {}
    return readable(str(about["name"]), say("unnamed_set")) if about and about.get("draws") != 0 else ""


def campaign(manifest: Mapping[str, Any]) -> Setting:
    """Read what figures of a calibration, or of two that are compared, need from a manifest.

    Parameters
    ----------
    manifest : Mapping[str, Any]
        With ``targets``, the name of the set, and where it has them ``title``, ``seed``, ``simulations`` and ``draws``.

    Returns
    -------
    Setting
        The same, checked.

    Raises
    ------
    ResultsError
        If something makes no sense.
    """
    try:
        name = str(manifest["targets"])
        own = readable(str(manifest.get("title") or name), name)
        targets = label("targets", name) if known("targets", name) else own
        return Setting(
            title=say("fit_title", targets=targets),
            scenario=name,
            counterfactual=name,
            start=None,
            replicates=0,
            seed=int(manifest.get("seed") or 0),
            phases=(),
            simulations=int(manifest.get("simulations") or 0),
            draws=int(manifest.get("draws") or 0),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ResultsError(f"the manifest does not say what figures need: {error}") from error


def campaign_notes(run: Setting) -> list[str]:
    """Say what a calibration rests on.

    Parameters
    ----------
    run : Setting
        From ``campaign``.

    Returns
    -------
    list[str]
        A sentence, or none if the manifest does not say.
    """
    if not run.simulations:
        return []
    return [say("fit_rests", simulations=f"{run.simulations:,}", draws=f"{run.draws:,}", seed=run.seed)]


def phases(listed: Sequence[Mapping[str, Any]]) -> tuple[Phase, ...]:
    """Read the phases of a scenario.

    Parameters
    ----------
    listed : Sequence[Mapping[str, Any]]
        Each with label, start, end and ramp_days.

    Returns
    -------
    tuple[Phase, ...]
        The same, with labels that can be drawn.
    """
    return tuple(
        Phase(
            readable(label("phase", str(phase["label"])), say("phase", n=number)),
            _day(phase["start"]),
            _day(phase["end"]),
            int(phase["ramp_days"]),
        )
        for number, phase in enumerate(listed, start=1)
    )


def titles(said: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Choose titles in the language spoken.

    Parameters
    ----------
    said : Mapping[str, Mapping[str, Any]]
        Name of a scenario to ``title`` and ``title_zh``, or to ``en`` and ``zh``.

    Returns
    -------
    dict[str, str]
        Those that there are and that can be drawn.
    """
    keys = ("zh", "title_zh") if spoken() == "zh" else ("en", "title")
    found = {name: next((str(about[key]) for key in keys if about.get(key)), "") for name, about in said.items()}
    return {name: title for name, title in ((name, readable(text, "")) for name, text in found.items()) if title}


def _day(value: Any) -> date:
    """Read a date, written or not."""
    return date.fromisoformat(str(value)[:10])


def table(tables: Tables, name: str, columns: Sequence[str]) -> pl.DataFrame:
    """Take a table that a figure needs.

    Parameters
    ----------
    tables : Tables
        Tables of a run.
    name : str
        Which one.
    columns : Sequence[str]
        Columns that it must have.

    Returns
    -------
    pl.DataFrame
        The table, with names of worlds as text.

    Raises
    ------
    ResultsError
        If the table or a column is missing.
    """
    if name not in tables:
        raise ResultsError(f"the figures need the table '{name}', which the results lack")
    frame = tables[name]
    if lacking := [column for column in columns if column not in frame.columns]:
        raise ResultsError(f"the table '{name}' lacks the column '{lacking[0]}', which the figures need")
    return frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))


def reached(tables: Tables) -> pl.DataFrame:
    """Choose the firms that a figure is about: those that the rule reaches, or all where it reaches none.

    Parameters
    ----------
    tables : Tables
        Tables of a run.

    Returns
    -------
    pl.DataFrame
        Their rows of the table ``firms``.
    """
    firms = table(tables, "firms", ("replicate", "firm", "size", "in_scope"))
    return firms.filter("in_scope") if firms["in_scope"].any() else firms


def circumstances(run: Setting, tables: Tables) -> str:
    """Say what a figure rests on.

    Parameters
    ----------
    run : Setting
        The run.
    tables : Tables
        Its tables.

    Returns
    -------
    str
        Firms, people, replicates and seed, in a sentence.
    """
    firms, chosen = table(tables, "firms", ("in_scope",)), reached(tables)
    key = ("firms_reached" if firms["in_scope"].any() else "firms_none_reached") if run.paired else "firms_alone"
    people = counted(int(chosen["size"].sum()), "person")
    others = firms.height - chosen.height
    rest = say("firms_beside", firms=counted(others, "firm")) if others else ""
    return say(key, firms=counted(chosen.height, "firm"), people=people) + rest + drawn_from(run)


def drawn_from(run: Setting) -> str:
    """Say how often and from which seed a run was drawn.

    Parameters
    ----------
    run : Setting
        The run.

    Returns
    -------
    str
        The end of a sentence.
    """
    return say("replicates_seed", replicates=counted(run.replicates, "replicate"), seed=run.seed)


def drawn_from_only(run: Setting) -> str:
    """Say how often and from which seed a run was drawn, where nothing else is told of it.

    Parameters
    ----------
    run : Setting
        The run.

    Returns
    -------
    str
        A sentence, empty if the manifest does not say.
    """
    return (
        say("replicates_only", replicates=counted(run.replicates, "replicate"), seed=run.seed) if run.replicates else ""
    )


def over(run: Setting, what: str = "over") -> str:
    """Say what intervals, or chances, are over: firms, or firms and parameters.

    Parameters
    ----------
    run : Setting
        The run.
    what : str
        ``over`` for intervals, ``chances`` for a ranking.

    Returns
    -------
    str
        A sentence.
    """
    if not run.drawn:
        return say(f"{what}_firms")
    if run.replicates == 1:
        return say(f"{what}_one")
    return say(f"{what}_both", name=label("reading", run.drawn))


def reach(people: Sequence[int], firms: Sequence[int]) -> str:
    """Say how many a comparison of several scenarios rests on.

    Parameters
    ----------
    people : Sequence[int]
        Of each effect.
    firms : Sequence[int]
        Of each effect.

    Returns
    -------
    str
        The beginning of a sentence; from fewest to most where the scenarios differ.
    """

    def counts(values: Sequence[int], noun: str) -> str:
        """Write one number, or the smallest and the largest."""
        low, high = min(values, default=0), max(values, default=0)
        return counted(high, noun) if low == high else say("range", low=f"{low:,}", high=counted(high, noun))

    return say("firms_alone", firms=counts(firms, "firm"), people=counts(people, "person"))


def window(run: Setting, tables: Tables) -> str:
    """Say which weeks the effects are taken from.

    Parameters
    ----------
    run : Setting
        The run.
    tables : Tables
        Its tables.

    Returns
    -------
    str
        A sentence.
    """
    labels = table(tables, "effects", ("window",))["window"].unique(maintain_order=True).to_list()
    return windows(labels, run)


def windows(labels: Sequence[str], run: Setting) -> str:
    """Say which weeks effects are taken from.

    Parameters
    ----------
    labels : Sequence[str]
        As in the table ``effects``.
    run : Setting
        The run.

    Returns
    -------
    str
        A sentence; scenarios with windows of their own are told together.
    """
    if not labels:
        return ""
    words = window_words(labels[0]) if len(labels) == 1 else say("window_own")
    return say("window", window=words, day=written(run.start)) if run.start else say("window_only", window=words)
