"""Write a page about stored results: one HTML file that needs no server, no network and no script."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from sim.figures.fonts import check
from sim.figures.words import known, label, phrase, speaking
from sim.files import storage as files
from sim.publishing.answers import answered
from sim.publishing.downloads import downloads
from sim.publishing.pictures import pictures, unescaped
from sim.publishing.sections import provenance
from sim.report.webpage import written
from sim.runs.results import country_of

TEMPLATE = Path(__file__).with_name("template.html")


def write_page(
    out: Path, name: str, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], language: str = "en"
) -> None:
    """Write the page of some results; ``name`` is that of their folder.

    Raises ``ResultsError`` if there is no page of that kind of results, if a table or fact is missing, or if the file
    cannot be written.
    """
    page = rendered(name, tables, manifest, language)
    with files.writing(out):
        files.write_text(out, page)


def rendered(name: str, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], language: str = "en") -> str:
    """Return the page of some results as HTML; see ``write_page``."""
    check(language)
    with speaking(language, country_of(manifest)):
        answer, command = answered(name, tables, manifest), str(manifest.get("command") or "")
        return written(
            TEMPLATE,
            language,
            _=lambda key, **values: phrase("page", key, **values),
            answer=answer._replace(title=unescaped(answer.title)),
            pictures=list(pictures(tables, manifest, answer.sentences)),
            downloads=list(downloads(tables)),
            described=lambda table: label("table", table) if known("table", table) else "",
            command=" ".join(part for part in command.split(" ") if part != "--ship"),  # it replaces what runs use
            facts=provenance(manifest, name),
        )
