"""Keeps the data of a page to play with beside the documentation, which is built with the page.

``python -m docs.page FILE`` takes them from a page of ``offhours page``, and writes its errors into ``page.md``.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.files.storage import SEAL, read_json, write_json
from sim.report.numbers import share_of
from sim.report.webpage import page

TEXT = Path(__file__).with_name("page.md")
KEPT = Path(__file__).with_name("page") / "quiet_hours_page.json"
MARKS = "<!-- of the shipped page, by `python -m docs.page FILE` -->", "<!-- end of what is of the shipped page -->"
DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
HEADING = "## The page on quiet hours\n\n"
UNMADE = """The sweep `quiet_hours_page` has not been run with this version of the model: no page is shipped, and
nothing is said here of how good its curves are.

"""
OPENING = """<a href="{name}.html">Open it</a> (in a built copy of these pages). {made}

| effect on | points | number | usual error | variance explained | within 50 % | within 95 % |
|---|---|--:|--:|--:|--:|--:|
"""


def kept() -> dict[str, Any] | None:
    """Read the data of the shipped page, None if there are none; raises ``Damaged`` if they were altered."""
    if not KEPT.is_file():
        return None
    content = read_json(KEPT)
    del content[SEAL]
    return content


def section(content: Mapping[str, Any] | None) -> str:
    """Write what ``page.md`` says of the shipped page."""
    if content is None:
        return HEADING + UNMADE
    made = " ".join(row["en"] for row in content["sentences"]["made"])
    rows = [
        f"| {surface['label']['en']} | {kind.replace('_', ' ')} | {each['points']} "
        f"| {surface['factor'] * each['error']:.{surface['digits']}f} {surface['unit']['en']} "
        f"| {share_of(each['explained'])} | {' | '.join(map(share_of, each['inside']))} |"
        for rule in content["rules"]
        for surface in rule["surfaces"]
        for kind, each in surface["errors"].items()
    ]
    return HEADING + OPENING.format(name=KEPT.stem, made=made) + "\n".join(rows) + "\n\n"


def filled(text: str, content: Mapping[str, Any] | None) -> str:
    """Put the section between its marks in the text of the page."""
    before, _, rest = text.partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    return f"{before}{MARKS[0]}\n\n{section(content)}{MARKS[1]}{after}"


def build(folder: Path) -> None:
    """Write the shipped page into the folder of built pages."""
    if (content := kept()) is not None:
        (folder / f"{KEPT.stem}.html").write_text(page(content), encoding="utf-8")


if __name__ == "__main__":
    found = DATA.search(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if found is None:
        sys.exit(f"{sys.argv[1]}: no page of `offhours page`")
    KEPT.parent.mkdir(exist_ok=True)
    write_json(KEPT, json.loads(found[1]), lambda content: json.dumps(content, ensure_ascii=False, indent=None))
    TEXT.write_text(filled(TEXT.read_text(encoding="utf-8"), kept()), encoding="utf-8")
