"""What a folder holds already: results that need not be computed again, and what was made of results that are the same.

Manifests say which results are the same, by all facts but some that pass: the time, the command, the machine.
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

VERSION_FACTS = ("code_sha256", "versions")  # what computes results and draws figures
PASSING_FACTS = (
    *VERSION_FACTS, "written", "seconds", "command", "commit", "platform", "engine", "offhours", files.SEAL,
)  # fmt: skip
DERIVED = (FIGURES, "export", "*.html")  # of the results in a folder, by other commands
CONTENT_FACTS = ("format", "tables")  # facts of results, not of what they were made of
HOW_TO_REMAKE = "`offhours plot`, `report` and `export` make it anew"


def stored_results(folder: Path, facts: Mapping[str, Any]) -> Results | None:
    """Read the results of a folder if this version made them, of just these facts; None if not, or if one is damaged.

    ``facts`` are all that a manifest has of what results were made of.
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
    """Return whether a draft has the results of a folder to the bit: all facts but ``PASSING_FACTS``.

    ``besides`` names those of them that are to be the same, too.
    """
    try:
        old, new = (files.read_json(each / MANIFEST) for each in (folder, draft))
    except (OSError, Damaged):
        return False
    return all(old.get(key) == new.get(key) for key in {*old, *new} - ({*PASSING_FACTS} - {*besides}))


def keep_derived(draft: Path, folder: Path) -> str:
    """Bring figures, pages and exports of the results that a draft replaces into it if the results are the same.

    What the draft has already stays, and so do notes and other files that no command makes. Returns a message on what
    was kept or is removed, empty if there was nothing.
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
