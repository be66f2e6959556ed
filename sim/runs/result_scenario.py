"""Scenarios from results folders, accepted wherever a comparison takes a scenario.

A scenario given by name is simulated on the economy of the reference. A scenario from results already has an economy.
If that is another one, the runs cannot be paired, and the comparison is refused.
"""

import os
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

from pydantic import ValidationError

from sim.core.errors import ResultsError
from sim.levers import plugins as added
from sim.runs import results as store
from sim.runs.identity import engine_version
from sim.scenario.loading import names
from sim.scenario.parameter_draws import Draws
from sim.scenario.schema import Scenario, added_code

COMPARED_NUMBERS = {
    "another seed": "run.seed",
    "another number of people": "run.people",
    "another number of years": "run.years",
    "another warm-up": "run.warmup_days",
    "another settling": "run.settling_weeks",
}
COMPARED_TABLES = {"another country": "country", "another calendar": "calendar", "another population": "population"}


def is_results(text: str) -> bool:
    """Return whether a text is the path of a results folder rather than a scenario; names of shipped scenarios win."""
    return text not in names() and os.path.isfile(Path(text) / store.MANIFEST)


def scenario_as_run(folder: Path) -> Scenario:
    """Return the scenario of a results folder exactly as it was run.

    Raises ``ResultsError`` if the folder is damaged, contains anything but a run, or came from another version of the
    engine or of a plug-in.
    """
    manifest = store.read(folder).manifest
    if manifest.get("kind") != "run":
        raise ResultsError(
            f"{folder} holds results of the kind '{manifest.get('kind')}', and only results of `offhours run` can be "
            "compared with others"
        )
    if manifest.get("engine") != engine_version():
        raise ResultsError(
            f"{folder} was simulated by another version of the engine, and results of different versions are not "
            f"compared; run {manifest.get('scenario')} again"
        )
    try:
        if missing := manifest.get("added_code", {}).keys() - added.known():
            raise ResultsError(
                f"{folder} needs code from outside ({', '.join(sorted(missing))}): name its file by --with"
            )
        scenario = Scenario.model_validate(manifest["resolved"] | {"base": None, "inherit_levers": True})
        if added_code(scenario) != manifest.get("added_code", {}):
            raise ResultsError(f"{folder} was simulated with other code from outside; run {scenario.name} again")
        return scenario
    except (ValidationError, KeyError, TypeError) as error:
        raise ResultsError(f"{folder / store.MANIFEST} is damaged: its scenario makes no sense") from error


def check_same_economy(folder: Path, scenario: Scenario, reference: Scenario) -> None:
    """Raise ``ResultsError`` listing all differences between the economies of a stored scenario and the reference."""
    if found := list(_differences(scenario, reference)):
        raise ResultsError(
            f"{folder} cannot be compared with {reference.name}: {'; '.join(found)}. Differences between other people, "
            f"dates or draws say nothing about rules; name the scenario, {scenario.name}, to run it on the same economy"
        )


def check_same_parameters(folder: Path, draws: Draws | None) -> None:
    """Raise ``ResultsError`` if stored results used other draws than this comparison (None: the table's values)."""
    theirs = store.read(folder).manifest.get("uncertainty") or {}
    if theirs.get("sha256") != (draws.sha256 if draws else None):
        one, other = theirs.get("name", "point"), draws.name if draws else "point"
        raise ResultsError(
            f"{folder} was run with --parameters {one}, and this comparison uses {other}: name the same for both"
        )


def _differences(scenario: Scenario, reference: Scenario) -> Iterator[str]:
    """Describe what differs between two economies."""
    for words, path in COMPARED_NUMBERS.items():
        one, other = map(attrgetter(path), (scenario, reference))
        if one != other:
            yield f"{words} ({one} against {other})"
    yield from (
        words for words, table in COMPARED_TABLES.items() if getattr(scenario, table) != getattr(reference, table)
    )
