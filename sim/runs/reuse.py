"""Reuse of a folder: results that need not be computed again, and figures and pages made from the same results.

Two results are the same if their manifests agree in all facts but passing ones, such as time, command and machine.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.core.errors import ResultsError
from sim.files import storage as files
from sim.files.storage import Damaged
from sim.runs.provenance import code_hash
from sim.runs.results import FIGURES, MANIFEST, SUMMARY, Results, link_or_copy, read, versions

VERSION_FACTS = ("code_sha256", "versions")  # facts about the code that computes results and draws figures
PASSING_FACTS = (
    *VERSION_FACTS, "written", "seconds", "command", "commit", "platform", "engine", "offhours", files.SEAL,
)  # fmt: skip
DERIVED = (FIGURES, "export", "*.html")  # made from the results in a folder by other commands
CONTENT_FACTS = ("format", "tables")  # facts about the results, not about their inputs
HOW_TO_REMAKE = "`offhours plot`, `report` and `export` make it anew"


def stored_results(folder: Path, facts: Mapping[str, Any]) -> Results | None:
    """Read the results of a folder if this version made them from exactly these facts; otherwise, or if damaged, None.

    ``facts`` are all facts about the inputs in a manifest.
    """
    try:
        old = files.read_json(folder / MANIFEST)
        new = json.loads(json.dumps({**facts, "code_sha256": code_hash(), "versions": versions()}, default=str))
        passing = {*PASSING_FACTS, *CONTENT_FACTS} - {*VERSION_FACTS}
        if not (folder / SUMMARY).is_file() or any(old.get(key) != new.get(key) for key in {*old, *new} - passing):
            return None
        return read(folder, whole=True)
    except (OSError, ResultsError, Damaged):
        return None


def same_results(draft: Path, folder: Path, besides: Sequence[str] = ()) -> bool:
    """Return whether a draft has exactly the results of a folder: all facts except ``PASSING_FACTS`` agree.

    ``besides`` names passing facts that must agree too.
    """
    try:
        old, new = (files.read_json(each / MANIFEST) for each in (folder, draft))
    except (OSError, Damaged):
        return False
    return all(old.get(key) == new.get(key) for key in {*old, *new} - ({*PASSING_FACTS} - {*besides}))


def keep_derived(draft: Path, folder: Path) -> str:
    """Move figures, pages and exports from the old folder into a draft that replaces it, if the results are the same.

    Files that the draft already has stay, and so do notes and other files that no command makes. Returns a message on
    what was kept or removed, or an empty one.
    """
    places = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    inner = [path.parent for path in places if path.name == MANIFEST and len(path.parts) > 1]  # results in the folder
    others = [path for path in places if path.suffix != ".parquet" or any(map(path.is_relative_to, inner))]
    others = [path for path in others if path.parts[0][0] != "."]
    made = [path for path in others if str(path) not in (MANIFEST, SUMMARY) and not (draft / path).exists()]
    alike, drawn = same_results(draft, folder), (draft / FIGURES).is_dir()
    own = [path for path in made if not any(Path(path.parts[0]).match(each) for each in DERIVED)]
    own = [path for path in own if not any(map(path.is_relative_to, inner))]
    for path in made if alike else own:
        link_or_copy(folder / path, draft / path)
    made = [path for path in made if path not in own and (alike or not drawn or path.parts[0] != FIGURES)]
    names = ", ".join(dict.fromkeys(path.parts[0] for path in made))
    if not names:
        return ""
    if not alike:
        return f"what was made of other results in {folder} is removed: {names}; {HOW_TO_REMAKE}"
    return f"the results are the same, and what was made of them in {folder} is kept: {names}; {HOW_TO_REMAKE}"
