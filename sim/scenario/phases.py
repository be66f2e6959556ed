"""Phases of a scenario file: dates, ramp and scope shared by several levers, and plans whose phases are scenarios.

A lever takes the values that it does not set itself from the phase that it names. A phase that names a scenario takes
its levers, moved so that the first of them begins with the phase. A resolved scenario has levers only.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from pydantic import Field, ValidationError

from sim.core.errors import InputError
from sim.files.toml import KeyPath
from sim.files.validation import hint, sentences, worded
from sim.levers.lever import Lever, Scope
from sim.scenario.consistency import MOST_LEVERS, given
from sim.scenario.countries import own_parameters
from sim.scenario.economy import Calendar
from sim.scenario.inheritance import Find, Raw, Spot, finder
from sim.scenario.part import Name, Part

FILLED = ("start", "end", "ramp_days", "scope")  # what a lever takes from its phase
OWN_FIRST = ("ramp_days", "scope")  # of these, what a scenario's lever says holds in a plan as well
WHOLE_RUN = ("parameters", "mechanisms", "managers")  # what holds for a whole run and not for a phase


class PhaseTable(Part):
    """A phase of a scenario file: what its levers share, or the scenario whose levers it takes."""

    start: date | None = None
    """First day; by default that of each lever."""
    end: date | None = None
    """First day on which the phase is over; by default it goes on to the end of the run."""
    ramp_days: int | None = Field(default=None, ge=0, le=3_650)
    """Days over which its levers grow to full strength, where they do not say it themselves."""
    scope: Scope | None = None
    """Whom its levers reach, where they do not say it themselves."""
    scenario: Name | None = None
    """Scenario whose levers the phase takes, by name: beside the file, or else in scenarios/."""
    part: str | None = None
    """Phase of that scenario whose levers are taken; by default all of them."""
    overlap_days: int = Field(default=0, ge=0, le=3_650)
    """Days after `end` for which its levers stay in force, beside those of the next phase."""
    no_overlap: tuple[str, ...] = ()
    """Kinds of its levers that end with the phase all the same."""

    def last(self, kind: Any) -> date | None:
        """Return the first day on which levers of a kind no longer hold."""
        return self.end and moved(self.end, 0 if kind in self.no_overlap else self.overlap_days)


class Phases(Part):
    """The phases of a file, by label."""

    phases: dict[str, PhaseTable]
    """Phases: what levers with that label share, or scenarios that follow each other."""


class Expanded(NamedTuple):
    """A scenario whose phases have become levers, and the mistakes that were found in them."""

    raw: Raw
    mistakes: list[tuple[Spot, str]]


def moved(day: date, days: int) -> date:
    """Move a date, not beyond what dates can be."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def labelled(data: dict[str, Any]) -> dict[str, Any]:
    """Let levers of a file that name no phase belong to its only phase, if it has just one."""
    phases, levers = data.get("phases"), data.get("levers")
    if not isinstance(phases, dict) or len(phases) != 1 or not isinstance(levers, tuple):
        return data
    (label,) = phases
    return data | {"levers": tuple({"phase": label} | each if isinstance(each, dict) else each for each in levers)}


def expanded(raw: Raw, other: Callable[[Spot, str], Expanded]) -> Expanded:
    """Turn the phases of a scenario into levers with dates.

    ``other`` reads the scenario that a phase names; it is given the place of that name, too. Raises ``InputError`` if
    the levers are more than a scenario may have.
    """
    bare = raw._replace(data={key: value for key, value in raw.data.items() if key != "phases"})
    if raw.data.get("phases", {}) == {}:
        return Expanded(bare, [])
    find = finder(raw)
    try:
        phases = Phases.model_validate({"phases": raw.data["phases"]}, strict=True).phases
    except ValidationError as error:
        return Expanded(bare, [(find(path), text) for path, text in sentences(error, Phases, raw.data)])
    filled = _filled(bare, phases, find)
    whose = [find(("phases", label)).file for label in phases]
    own = [find(("levers", number)).file in (raw.path, *whose) for number in range(len(_levers(raw)))]
    found = [(find(path), text) for path, text in (*_mistakes(filled, phases, own), *_overlaps(phases))]
    for label, phase in phases.items():
        if phase.scenario:
            taken = other(find(("phases", label, "scenario")), phase.scenario)
            mistakes = _misfits(filled, taken.raw, label, phase)
            found += [*taken.mistakes, *((find(path), text) for path, text in mistakes)]
            filled = _added(filled, taken.raw, label, phase, find)
    return Expanded(filled, list(dict.fromkeys(found)))  # phases may name one scenario, with its mistakes, many times


def _filled(raw: Raw, phases: Mapping[str, PhaseTable], find: Find) -> Raw:
    """Fill in the values of a phase that its levers do not set themselves."""
    levers, where = [], dict(raw.where)
    for number, lever in enumerate(_levers(raw)):
        label = _label(lever)
        new = _shared(phases.get(label), lever)
        where |= {("levers", number, key): _of_phase(find, label, key) for key in new}
        levers.append(lever | new)
    return raw._replace(data=raw.data | ({"levers": tuple(levers)} if levers else {}), where=where)


def _added(raw: Raw, other: Raw, label: str, phase: PhaseTable, find: Find) -> Raw:
    """Add the levers of another scenario, moved to the dates of a phase."""
    taken = dict(_taken(other, phase))
    origin = given(other.data.get("calendar"), "start", date) or Calendar().start
    begins = min((given(lever, "start", date) or origin for lever in taken.values()), default=origin)
    shift = (phase.start - begins).days if phase.start else 0
    first = len(_levers(raw))
    positions: dict[Any, int] = {number: first + n for n, number in enumerate(taken)}
    if first + len(taken) > MOST_LEVERS:
        raise InputError(f"{find(('phases', label, 'scenario'))}: its levers are more than {MOST_LEVERS} with these")
    find_other, where = finder(other), dict(raw.where)
    where |= {
        ("levers", positions[path[1]], *path[2:]): spot._replace(keys=spot.keys or path)
        for path, spot in other.where.items()
        if path[0] == "levers" and len(path) > 1 and path[1] in positions
    }
    levers = []
    for number, lever in taken.items():
        place: KeyPath = ("levers", positions[number])
        where.setdefault(place, find_other(("levers", number))._replace(keys=("levers", number)))
        new = _shared(phase, lever) | _dates(phase, lever, shift, origin)
        where |= {(*place, key): _of_phase(find, label, key) for key in new}
        levers.append(lever | new | {"phase": label})
    return raw._replace(data=raw.data | {"levers": (*_levers(raw), *levers)}, where=where)


def _shared(phase: PhaseTable | None, lever: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a phase that a lever does not set itself."""
    if phase is None:
        return {}
    said = phase.model_copy(update={"end": phase.last(lever.get("kind"))})
    return {key: value for key in FILLED if key not in lever and (value := getattr(said, key)) is not None}


def _dates(phase: PhaseTable, lever: Mapping[str, Any], shift: int, origin: date) -> dict[str, date]:
    """Return the dates of another scenario's lever in a phase; a lever without a start begins on ``origin``."""
    new = {}
    if phase.start and ("start" not in lever or given(lever, "start", date)):
        new["start"] = moved(given(lever, "start", date) or origin, shift)
    own, last = given(lever, "end", date), phase.last(lever.get("kind"))
    if own and (shift or last):
        new["end"] = min(moved(own, shift), last or date.max)
    return new


def _mistakes(raw: Raw, phases: Mapping[str, PhaseTable], own: Sequence[bool]) -> Iterator[tuple[KeyPath, str]]:
    """Find mistakes in phases and in levers that name them; labels are free only in a base without phases."""
    levers = _levers(raw)
    for number, lever in enumerate(levers):
        label = _label(lever)
        if isinstance(lever.get("phase"), str) and label not in phases and own[number]:
            text = f"unknown phase{hint(label, phases)}; a new one needs a table [phases]"
            yield worded(("levers", number, "phase"), lever["phase"], text)
        elif label in phases:
            yield from _outside(phases[label], label, lever, ("levers", number))
    for label, phase in phases.items():
        at: KeyPath = ("phases", label)
        if not phase.scenario and label not in map(_label, levers):
            yield worded(at, None, "has no levers: none names it, and it names no scenario")
        if phase.part is not None and not phase.scenario:
            yield worded((*at, "part"), phase.part, "is a phase of a scenario, and none is named")
        if phase.start and phase.end and phase.end <= phase.start:
            yield worded((*at, "end"), phase.end, f"lies not after the start, {phase.start}")
        if phase.overlap_days and not phase.end:
            yield worded(
                (*at, "overlap_days"), phase.overlap_days, "counts from the end of the phase, and none is said"
            )
        if not phase.scenario:
            yield from _no_such_kinds(phase, at, [lever for lever in levers if _label(lever) == label])


def _outside(phase: PhaseTable, label: str, lever: Mapping[str, Any], at: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Find dates of a lever outside those of its phase."""
    start, end, last = given(lever, "start", date), given(lever, "end", date), phase.last(lever.get("kind"))
    if start and phase.start and start < phase.start:
        yield worded((*at, "start"), start, f"lies before the phase '{label}', which begins on {phase.start}")
    if end and last and end > last:
        yield worded((*at, "end"), end, f"lies after the phase '{label}', which ends on {last}")


def _misfits(raw: Raw, other: Raw, label: str, phase: PhaseTable) -> Iterator[tuple[KeyPath, str]]:
    """Find what a phase cannot take from the scenario that it names."""
    at: KeyPath = ("phases", label)
    taken = [lever for _, lever in _taken(other, phase)]
    if phase.part is not None and not taken:
        known = {_label(lever) for lever in _levers(other)}
        text = f"unknown phase of {phase.scenario}{hint(phase.part, known) if known else ', which has no levers'}"
        yield worded((*at, "part"), phase.part, text)
    elif not taken:
        yield worded((*at, "scenario"), phase.scenario, "has no levers")
    else:
        yield from _no_such_kinds(phase, at, taken)
        for key in OWN_FIRST:
            if getattr(phase, key) is not None and all(key in lever for lever in taken):
                yield worded((*at, key), None, f"holds for no lever: all of {phase.scenario} have one of their own")
    for key in WHOLE_RUN:
        theirs, ours = (
            (own_parameters(each) if key == "parameters" else each.get(key)) for each in (other.data, raw.data)
        )
        if theirs and theirs != ours:
            text = f"sets {key}, which hold for a whole run: set them here too, or leave them out there"
            yield worded((*at, "scenario"), phase.scenario, text)


def _no_such_kinds(
    phase: PhaseTable, at: KeyPath, levers: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[KeyPath, str]]:
    """Find kinds named in ``no_overlap`` that no lever of the phase has, or that nothing overlaps."""
    known = {str(lever.get("kind")) for lever in levers}
    if known and phase.no_overlap and not phase.overlap_days:
        yield worded((*at, "no_overlap"), phase.no_overlap, "has no effect without overlap_days")
        return
    for number, kind in enumerate(phase.no_overlap if known else ()):
        if kind not in known:
            yield worded((*at, "no_overlap", number), kind, f"no lever of this phase{hint(kind, known)}")


def _overlaps(phases: Mapping[str, PhaseTable]) -> Iterator[tuple[KeyPath, str]]:
    """Find phases that overlap the next one without declaring it; one may lie in another, or end with it."""
    for label, phase in phases.items():
        for other, following in phases.items():
            begins = following.start
            if not (phase.end and begins and (phase.start or date.min) < begins < phase.end):
                continue
            if following.end is None or following.end > phase.end:
                days = (phase.end - begins).days
                text = f"lies after the start of the phase '{other}', {begins}; if both hold for {days} days, say "
                text += f"end = {begins} and overlap_days = {days}"
                yield worded(("phases", label, "end"), phase.end, text)


def _of_phase(find: Find, label: str, key: str) -> Spot:
    """Return where a phase says what a lever takes from it."""
    path: KeyPath = ("phases", label, key)
    return find(path)._replace(keys=path)


def _levers(raw: Raw) -> tuple[Any, ...]:
    """Return the levers that are tables."""
    levers = raw.data.get("levers", ())
    return levers if isinstance(levers, tuple) and all(isinstance(lever, dict) for lever in levers) else ()


def _taken(raw: Raw, phase: PhaseTable) -> Iterator[tuple[int, dict[str, Any]]]:
    """Return the levers that a phase takes from a scenario, by their number there."""
    return ((n, lever) for n, lever in enumerate(_levers(raw)) if phase.part in (None, _label(lever)))


def _label(lever: Mapping[str, Any]) -> str:
    """Return the label of the phase of a lever."""
    return str(lever.get("phase", Lever.model_fields["phase"].default))
