"""Scenario files: location, inheritance, phases and error messages.

A scenario may name a ``base`` that it changes (see ``inheritance``), and phases (see ``phases``).
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.core.errors import InputError, nearest, shortened
from sim.files.shipped import SCENARIOS
from sim.files.toml import KeyPath, read
from sim.files.validation import MOST, as_written, listed, sentence
from sim.levers.lever import Scope
from sim.levers.plugins import PLAIN
from sim.scenario.countries import YUAN, amounts, own_parameters, priced, settled_in
from sim.scenario.inheritance import Raw, Spot, finder, merged, shown, unmerged
from sim.scenario.part import NAME
from sim.scenario.phases import Expanded, expanded, labelled
from sim.scenario.schema import Scenario

NOTHING = Raw({}, {}, Path())
LONGEST_CHAIN = 30  # files that name each other
GROUPS = {  # labels of groups in listing order, English and Chinese
    "reference": ("Worlds to compare with", "参照情形"),
    "plan": ("The report's plan in phases", "报告的分阶段方案"),
    "substitutes": ("The pilot with one substitute", "试点与单一替代工具"),
    "hours": ("Quiet hours", "静默时段"),
    "attention": ("Attention and hours at work", "工作中的注意力与时间"),
    "law": ("Laws and proposals", "法律与提案"),
    "oversight": ("Oversight, pay and incentives", "监督、报酬与激励"),
}


def load(name_or_path: str | Path) -> Scenario:
    """Read a scenario, by name in ``scenarios/`` or path of its file, with all that it inherits, and validate it.

    Raises ``InputError`` if there is no such scenario, or with all mistakes of its file, one per line.
    """
    raw, mistakes = _resolved(find(name_or_path), (), {})
    raw, more = priced(raw)
    spot_of, reference = finder(raw), raw.data.get("compare_with")
    scenario, found = None, [(spot.file, spot.line, text) for spot, text in (*mistakes, *more)]
    named = isinstance(reference, str) and NAME.fullmatch(reference) is not None and reference != raw.data["name"]
    if named and not _near(raw.path, str(reference)).is_file():
        spot = spot_of(("compare_with",))
        found.append((spot.file, spot.line, _missing(raw.path, "compare_with", str(reference))))
    try:
        scenario = Scenario.model_validate(raw.data, strict=True)
    except ValidationError as error:
        for detail in error.errors()[: MOST + 1]:
            path = as_written(detail["loc"], raw.data)
            spot = spot_of(path)
            text = sentence(spot.keys or path, detail).replace(YUAN, raw.data.get("country", {}).get("currency", YUAN))
            found.append((spot.file, spot.line, text + _advice(path, raw)))
    if scenario is None or found:
        lines = [f"{shown(file)}:{line}: {text}" for file, line, text in sorted(set(found))]
        raise InputError(listed(lines, f"{shown(raw.path)}:1"))
    return scenario


def find(name_or_path: str | Path) -> Path:
    """Return the file of a scenario, given its name or path; a path need not exist.

    Raises ``InputError`` for an unknown name, a folder of results, or a file without the ending ``.toml``.
    """
    text = str(name_or_path)
    if text in names():
        return SCENARIOS / f"{text}.toml"
    if os.path.isfile(Path(text) / "manifest.json"):
        raise InputError(f"{text} is a folder of results; a scenario is a name or the path of a TOML file")
    if text.endswith(".toml") or "/" in text or os.sep in text:
        return Path(text)
    if os.path.isfile(text):
        raise InputError(f"{text} is no TOML file; a scenario is a name or the path of a TOML file")
    raise InputError(f"unknown scenario '{shortened(text)}'{nearest(text, names())}")


def names() -> list[str]:
    """List the names of the scenarios in ``scenarios/``, sorted."""
    return sorted(name.removesuffix(".toml") for name in os.listdir(SCENARIOS) if name.endswith(".toml"))


def _resolved(path: Path, seen: tuple[Path, ...], known: dict[Path, Expanded]) -> Expanded:
    """Read a file with its bases and the scenarios of its phases; ``known`` are those that have been read."""
    whole = _inherited(path, seen)
    chain = (*seen, path.resolve())

    def other(spot: Spot, name: str) -> Expanded:
        target = _named(spot, "scenario", name, chain)
        if target not in known:
            known[target] = _resolved(target, chain, known)
        return known[target]

    return expanded(whole, other)


def _inherited(path: Path, seen: tuple[Path, ...]) -> Raw:
    """Read a file and merge it into its chain of bases."""
    document = read(path, "scenario")
    own = unmerged(document)
    own = own._replace(data=labelled(own.data))
    base, below = own.data.get("base"), NOTHING
    if isinstance(base, str) and NAME.fullmatch(base):
        chain = (*seen, path.resolve())
        below = _inherited(_named(finder(own)(("base",)), "base", base, chain), chain)
    rest = {key: value for key, value in own.data.items() if key != "country"}  # what is below is in that country
    return merged(settled_in(below, own), own._replace(data=rest))


def _named(spot: Spot, key: str, name: str, chain: tuple[Path, ...]) -> Path:
    """Return the file of a scenario that another one names; ``InputError`` if it is missing, or in the chain."""
    target = _near(spot.file, name)
    if target.resolve() in chain:
        raise InputError(
            f"{spot}: {key}: '{name}' includes itself: {' → '.join([*(file.stem for file in chain), name])}"
        )
    if len(chain) > LONGEST_CHAIN:
        raise InputError(f"{spot}: {key}: '{name}': more than {LONGEST_CHAIN} files name each other")
    if not target.is_file():
        raise InputError(f"{spot}: {_missing(spot.file, key, name)}")
    return target


def _near(path: Path, name: str) -> Path:
    """Return the file of a scenario that another one names: beside that one, or else in ``scenarios/``."""
    beside = path.parent / f"{name}.toml"
    return beside if beside.is_file() else SCENARIOS / f"{name}.toml"


def _missing(file: Path, key: str, name: str) -> str:
    """Say that there is no file of a scenario that another one names."""
    near = nearest(name, {*names(), *(file.stem for file in file.parent.glob("*.toml"))})
    return f"{key}: '{name}': no such scenario beside the file or in scenarios/{near}"


def _advice(path: KeyPath, raw: Raw) -> str:
    """Suggest a ``name`` for a file whose own name is not a valid one."""
    if path != ("name",) or path in raw.where:
        return ""
    fitting = re.sub(r"[^a-z0-9_]+", "_", raw.path.stem.lower()).strip("_")[:64]
    return f'; it is that of the file, which may set another one, as in name = "{fitting or "my_rules"}"'


def loaded(scenario: str | Path | Scenario) -> Scenario:
    """Return a scenario, loading it by name or file."""
    return scenario if isinstance(scenario, Scenario) else load(scenario)


def changed(scenario: str | Path | Scenario, origin: str = "", **flags: float | None) -> Scenario:
    """Apply command-line flags such as ``people``, ``years``, ``replicates`` or ``seed``; None keeps the file's value.

    Raises ``InputError`` if a value is invalid, or if a lever's dates lie outside the resulting run; its lines begin
    with ``origin``, by default the flags.
    """
    given = {key: value for key, value in flags.items() if value is not None}
    data = loaded(scenario).model_dump()
    data["run"] |= given
    return _validated(data, origin or " ".join(f"--{key} {value}" for key, value in given.items()), data)


def resized(scenario: Scenario, replicates: int) -> Scenario:
    """Return the scenario with another number of replicates, not validated again."""
    return scenario.model_copy(update={"run": scenario.run.model_copy(update={"replicates": replicates})})


def focused(everyone: Sequence[Scenario]) -> list[Scenario]:
    """Limit compared worlds to the firms that some rule reaches and a sample of other firms, the same in all worlds.

    Nothing changes if the rules of one reach everybody, or if the first is compared with one that has no rules.
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
        raise InputError(f"{shown(file)}: {_missing(file, 'compare_with', name)}")
    return under(scenario, load(target))


def under(scenario: Scenario, rules: Scenario) -> Scenario:
    """Return the rules of another scenario on the economy, parameters and mechanisms of ``scenario``.

    Raises ``InputError`` if the levers of ``rules`` do not fit its dates and population.
    """
    shared = ("country", "calendar", "run", "population", "parameters", "mechanisms")
    return _recombined(rules, scenario, shared)


def on_economy(scenario: Scenario, economy: Scenario) -> Scenario:
    """Return the scenario with country, calendar, run and population of another one; its own parameters stay.

    Raises ``InputError`` if its levers do not fit those dates and that population.
    """
    return _recombined(scenario, economy, ("country", "calendar", "run", "population"))


def _recombined(rules: Scenario, economy: Scenario, shared: tuple[str, ...]) -> Scenario:
    """Combine parts of two scenarios, and validate the result."""
    origin, written = f"{rules.name} on the economy of {economy.name}", rules.model_dump()
    data = {key: getattr(economy if key in shared else rules, key) for key in Scenario.model_fields}
    if "parameters" not in shared:
        data["parameters"] = economy.country.parameters | own_parameters(written)
    ours, theirs = rules.country, economy.country
    named = [f"{lever['kind']}: {key}" for lever in written["levers"] for key in amounts(lever)]
    if ours.currency != theirs.currency and named:
        raise InputError(
            f"{origin}: {named[0]} is in {ours.currency}, and that economy is in {theirs.currency}: write a scenario "
            f'with base = "{economy.name}" and these levers, their amounts in {theirs.currency}; see docs/countries.md'
        )
    return _validated(data, origin, written)


def _validated(data: Mapping[str, Any], origin: str, written: Mapping[str, Any]) -> Scenario:
    """Validate a changed scenario; ``InputError`` lists its mistakes after ``origin``, with the keys of ``written``."""
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        lines = [sentence(as_written(detail["loc"], written), detail) for detail in error.errors()]
        raise InputError("\n".join(f"{origin}: {line}" for line in lines)) from None
