"""Scenario files: location, inheritance and error messages.

A scenario may name a ``base`` that it changes. Tables are merged key by key and the file's own values win (a city is
left out by the weight 0); other values and lists replace the base's, except that levers are added after those of the
base unless ``inherit_levers = false``. The keys in ``OWN`` are never inherited.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim.core.errors import InputError, nearest
from sim.files.shipped import SCENARIOS
from sim.files.toml import Document, KeyPath, check_kind, place, read
from sim.files.validation import MOST, as_written, listed, sentence
from sim.levers.lever import Scope
from sim.levers.plugins import PLAIN
from sim.scenario.schema import NAME, Scenario

OWN = ("name", "title", "title_zh", "group", "represents", "source", "base", "inherit_levers")
GROUPS = {  # labels of groups in listing order, English and Chinese
    "reference": ("Worlds to compare with", "参照情形"),
    "plan": ("The report's plan in phases", "报告的分阶段方案"),
    "substitutes": ("The pilot with one substitute", "试点与单一替代工具"),
    "hours": ("Quiet hours", "静默时段"),
    "attention": ("Attention and hours at work", "工作中的注意力与时间"),
    "law": ("Laws and proposals", "法律与提案"),
    "oversight": ("Oversight, pay and incentives", "监督、报酬与激励"),
}


class Raw(NamedTuple):
    """A scenario before validation: its merged values, and the file and line of each."""

    data: dict[str, Any]
    where: dict[KeyPath, tuple[Path, int]]
    path: Path


def load(name_or_path: str | Path) -> Scenario:
    """Read a scenario with everything that it inherits, and validate it.

    Parameters
    ----------
    name_or_path : str | Path
        Name of a scenario in ``scenarios/``, or path of a scenario file.

    Returns
    -------
    Scenario
        The resolved scenario.

    Raises
    ------
    InputError
        If there is no such scenario, or with all mistakes of its file, one per line.
    """
    raw = _inherited(find(name_or_path), ())
    try:
        return Scenario.model_validate(raw.data, strict=True)
    except ValidationError as error:
        details = error.errors()
        spots = _nearest_spots(raw.where)
        found = sorted(_located(detail, raw, spots) for detail in details[: MOST + 1])
        lines = [f"{shown(file)}:{line}: {text}" for file, line, text in found]
        raise InputError(listed(lines, f"{shown(raw.path)}:1")) from None


def find(name_or_path: str | Path) -> Path:
    """Return the file of a scenario, given its name or path; a path need not exist.

    Raises ``InputError`` for an unknown name, or for a folder of results.
    """
    text = str(name_or_path)
    if os.path.isfile(Path(text) / "manifest.json"):
        raise InputError(f"{text} is a folder of results; a scenario is a name or the path of a TOML file")
    if text.endswith(".toml") or "/" in text or os.sep in text:
        return Path(text)
    if NAME.fullmatch(text) and (SCENARIOS / f"{text}.toml").is_file():
        return SCENARIOS / f"{text}.toml"
    raise InputError(f"unknown scenario '{text}'{nearest(text, names())}")


def names() -> list[str]:
    """List the names of the scenarios in ``scenarios/``, sorted."""
    return sorted(path.stem for path in SCENARIOS.glob("*.toml"))


def _inherited(path: Path, seen: tuple[Path, ...]) -> Raw:
    """Read a file and merge it into its chain of bases."""
    document = read(path)
    check_kind(document, "scenario")
    own = _raw(document)
    base = document.data.get("base")
    if not isinstance(base, str) or not NAME.fullmatch(base):
        return own
    at = f"{shown(path)}:{place(document.lines, ('base',))}: base: '{base}'"
    target = _near(path, base)
    chain = (*seen, path.resolve())
    if target.resolve() in chain:
        raise InputError(f"{at} includes itself: {' → '.join([*(file.stem for file in chain), base])}")
    if not target.is_file():
        near = nearest(base, {*names(), *(file.stem for file in path.parent.glob("*.toml"))})
        raise InputError(f"{at}: no such scenario beside the file or in scenarios/{near}")
    return _merged(_inherited(target, chain), own)


def _near(path: Path, name: str) -> Path:
    """Return the file of a scenario that another one names: beside that one, or else in ``scenarios/``."""
    beside = path.parent / f"{name}.toml"
    return beside if beside.is_file() else SCENARIOS / f"{name}.toml"


def _raw(document: Document) -> Raw:
    """Convert a document to unmerged scenario data; lists become tuples, as strict validation requires."""
    data = {"name": document.path.stem} | {key: frozen(value) for key, value in document.data.items()}
    return Raw(data, {path: (document.path, line) for path, line in document.lines.items()}, document.path)


def frozen(value: Any) -> Any:
    """Convert all lists in a value to tuples."""
    if isinstance(value, dict):
        return {key: frozen(inner) for key, inner in value.items()}
    return tuple(frozen(inner) for inner in value) if isinstance(value, list) else value


def _merged(base: Raw, own: Raw) -> Raw:
    """Merge a file into its base, with the positions of keys adjusted."""
    shared = {key: value for key, value in base.data.items() if key not in OWN}
    shift = 0
    data = own.data
    if own.data.get("inherit_levers") is False:
        shared.pop("levers", None)
    elif isinstance(base_levers := shared.get("levers"), tuple) and isinstance(own.data.get("levers", ()), tuple):
        shift = len(base_levers)
        data = data | {"levers": base_levers + data.get("levers", ())}
    kept = {path: spot for path, spot in base.where.items() if path[0] not in OWN}
    where = kept | {_shifted(path, shift): spot for path, spot in own.where.items()}
    return Raw(_deep(shared, data), where, own.path)


def _deep(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Merge tables key by key; all other values of ``own`` replace those of ``base``."""
    both = {
        key: _deep(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
        for key, value in own.items()
    }
    return base | both


def _shifted(path: KeyPath, shift: int) -> KeyPath:
    """Adjust the path of a lever for the levers of the base that precede it."""
    if len(path) > 1 and path[0] == "levers" and isinstance(path[1], int):
        return ("levers", path[1] + shift, *path[2:])
    return path


def _located(detail: ErrorDetails, raw: Raw, spots: dict[KeyPath, tuple[Path, int]]) -> tuple[Path, int, str]:
    """Return file, line and text of a mistake."""
    path = as_written(detail["loc"], raw.data)
    around = (path[:length] for length in range(len(path), 0, -1))
    file, line = next((spots[part] for part in around if part in spots), (raw.path, 1))
    return file, line, sentence(path, detail) + _advice(path, raw)


def _advice(path: KeyPath, raw: Raw) -> str:
    """Suggest a ``name`` for a file whose own name is not a valid one."""
    if path != ("name",) or path in raw.where:
        return ""
    fitting = re.sub(r"[^a-z0-9_]+", "_", raw.path.stem.lower())[:64]
    return f'; the file is called so, and may set another one: name = "{fitting}"'


def _nearest_spots(where: dict[KeyPath, tuple[Path, int]]) -> dict[KeyPath, tuple[Path, int]]:
    """Map each key and table to its place, or to the first place of a key below it."""
    found: dict[KeyPath, tuple[Path, int]] = {}
    for key, spot in where.items():
        for length in range(1, len(key) + 1):
            found[key[:length]] = min(spot, found.get(key[:length], spot))
    return found


def shown(path: Path) -> str:
    """Shorten a path for messages: relative to the current folder if it lies below it."""
    resolved, here = path.resolve(), Path.cwd()
    return str(resolved.relative_to(here)) if resolved.is_relative_to(here) else str(path)


def refused(document: Document, mistakes: Iterable[tuple[KeyPath, str]]) -> InputError:
    """Make the error that lists mistakes of a file with their lines, in the order of lines."""
    where = shown(document.path)
    found = sorted({(place(document.lines, path) or 1, text) for path, text in mistakes})
    return InputError(listed([f"{where}:{line}: {text}" for line, text in found], f"{where}:1"))


def changed(scenario: Scenario, origin: str = "", **flags: float | None) -> Scenario:
    """Apply command-line flags such as ``people``, ``years``, ``replicates`` or ``seed``; None keeps the file's value.

    Raises ``InputError`` if a value is invalid, or if a lever's dates lie outside the resulting run; its lines begin
    with ``origin``, by default the flags.
    """
    given = {key: value for key, value in flags.items() if value is not None}
    data = scenario.model_dump()
    data["run"] |= given
    return _validated(data, origin or " ".join(f"--{key} {value}" for key, value in given.items()), data)


def resized(scenario: Scenario, replicates: int) -> Scenario:
    """Return the scenario with another number of replicates, not validated again."""
    return scenario.model_copy(update={"run": scenario.run.model_copy(update={"replicates": replicates})})


def focused(everyone: Sequence[Scenario]) -> list[Scenario]:
    """Let worlds that are compared simulate the firms that some rule reaches and a sample of others, the same in all.

    Nothing changes where rules of one reach everybody, or the first is compared with one that has no rules.
    """
    scopes = {part.scope for world in everyone for lever in world.levers for part in lever.parts()}
    whole = Scope() in scopes or any(world.managers != PLAIN or not world.levers for world in everyone[1:])
    reach = () if whole or len(everyone) == 1 else tuple(sorted(scopes, key=repr))
    return [world.model_copy(update={"run": world.run.model_copy(update={"reach": reach})}) for world in everyone]


def counterfactual(scenario: Scenario, name_or_path: str | Path) -> Scenario | None:
    """Read the scenario named by ``compare_with``, on the economy of ``scenario``; None if it names itself.

    It is looked up beside the file that ``name_or_path`` stands for, then in ``scenarios/``. Raises ``InputError`` if
    it is missing or invalid.
    """
    name = scenario.compare_with
    if name == scenario.name:
        return None
    file = find(name_or_path)
    target = _near(file, name)
    if not target.is_file():
        raise InputError(f"{shown(file)}: compare_with: '{name}': no such scenario{nearest(name, names())}")
    return under(scenario, load(target))


def under(scenario: Scenario, rules: Scenario) -> Scenario:
    """Return the rules of another scenario on the economy, parameters and mechanisms of ``scenario``.

    Raises ``InputError`` if the levers of ``rules`` do not fit its dates and population.
    """
    shared = ("calendar", "run", "population", "parameters", "mechanisms")
    return _recombined(rules, scenario, shared)


def on_economy(scenario: Scenario, economy: Scenario) -> Scenario:
    """Return the scenario with calendar, run and population of another one; its parameters and mechanisms stay.

    Raises ``InputError`` if its levers do not fit those dates and that population.
    """
    return _recombined(scenario, economy, ("calendar", "run", "population"))


def _recombined(rules: Scenario, economy: Scenario, shared: tuple[str, ...]) -> Scenario:
    """Combine parts of two scenarios, and validate the result."""
    data = {key: getattr(economy if key in shared else rules, key) for key in Scenario.model_fields}
    return _validated(data, f"{rules.name} on the economy of {economy.name}", rules.model_dump())


def _validated(data: Mapping[str, Any], origin: str, written: Mapping[str, Any]) -> Scenario:
    """Validate a changed scenario; ``InputError`` lists its mistakes after ``origin``, with the keys of ``written``."""
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        lines = [sentence(as_written(detail["loc"], written), detail) for detail in error.errors()]
        raise InputError("\n".join(f"{origin}: {line}" for line in lines)) from None
