"""Studies under several parameter sets, to find which conclusions depend on the set."""

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from sim.comparing.robustness import side_by_side
from sim.figures.words import phrase
from sim.report.robustness import print_readings
from sim.runs import results as store
from sim.scenario.parameter_draws import Draws
from sim.studies.study import Findings, Manner, note, published

COMMON = ("counterfactual", "engine", "seed", "people", "weeks")


def under_each(sets: Mapping[str, Draws | None], manner: Manner, each: Callable[[Manner], None]) -> None:
    """Run a study under each of at least two parameter sets, and combine the results in one more folder.

    ``each`` runs the study and prints nothing. Its folder is that of ``manner`` with the name of the set appended; the
    combined one has the names of all.
    """
    base, folders = manner.folder, {}
    for place, (name, draws) in enumerate(sets.items()):
        folders[name] = base.with_name(f"{base.name}_{name}")
        which = {"number": place + 1, "all": len(sets), "name": name, "folder": folders[name]}
        note(manner, phrase("step", "under_set", **which))
        each(manner._replace(folder=folders[name], draws=draws, output=Console(file=io.StringIO())))

    def found(draft: Path) -> Findings:
        parts = {name: store.read(folder) for name, folder in folders.items()}
        readings = [
            {
                "name": name, "folder": part.folder.name, "replicates": int(part.manifest["replicates"]),
                "draws": len(draws.rows) if draws else None, "sha256": draws.sha256 if draws else None,
            }
            for (name, part), draws in zip(parts.items(), sets.values(), strict=True)
        ]  # fmt: skip
        facts = {"kind": "readings", "readings": readings, **_common(parts)}
        return Findings(side_by_side({name: part.tables for name, part in parts.items()}), facts)

    together = manner._replace(folder=base.with_name("_".join([base.name, *sets])), draws=None)
    published(together, found, print_readings)


def _common(parts: Mapping[str, store.Results]) -> dict[str, Any]:
    """Return the facts shared by all results, for the manifest; ``seconds`` are summed, ``replicates`` the fewest."""
    manifests = [part.manifest for part in parts.values()]
    first = manifests[0]
    alone = (first["resolved"], first.get("resolved_counterfactual"))
    resolved = first["resolved"] if "scenarios" in first else {each["name"]: each for each in alone if each}
    names = first.get("scenarios") or [first["scenario"]]
    titles = {name: {"en": each["title"], "zh": each["title_zh"]} for name, each in resolved.items()}
    return {key: first[key] for key in COMMON} | {
        "scenarios": list(names),
        "titles": first.get("titles", titles),
        "start": resolved[names[0]]["calendar"]["start"],
        "replicates": min(int(each["replicates"]) for each in manifests),
        "seconds": sum(each["seconds"] for each in manifests),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }
