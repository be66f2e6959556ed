"""Write a page about stored results: one HTML file that needs no server, no network and no script.

Figures are without title and caption, which the page writes as text.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from matplotlib.figure import Figure

from sim.figures.context import Tables
from sim.figures.sheet import Picture, untitled
from sim.figures.style import styled
from sim.figures.words import has_name, label, language_in_force, phrase, say, sentences, speaking
from sim.files import storage as files
from sim.publishing.answers import answer_for
from sim.publishing.export import as_csv, with_units
from sim.publishing.sections import provenance
from sim.report.plots import encoded, figures
from sim.report.webpage import written
from sim.runs.results import country_of

TEMPLATE = Path(__file__).with_name("template.html")
MOST_BYTES = 400_000  # of a drawing by lines; beyond that its pixels are smaller
LARGEST = 1_000_000  # bytes of a table inside a page; larger ones stay in the folder
MOST_SCENARIOS = 3  # with more of them none has pictures of its own
FIRST = ("effects", "forest", "course", "readings", "event_study", "target_card", "response", "ranking", "best")
WHO = ("who", "winners", "displacement", "frontier")  # in the part on who gains and who pays


def write_page(out: Path, name: str, tables: Tables, manifest: Mapping[str, Any], language: str = "en") -> None:
    """Write the page of some results; ``name`` is that of their folder.

    Raises ``ResultsError`` if there is no page of that kind of results, if a table or fact is missing, or if the file
    cannot be written.
    """
    page = html_page(name, tables, manifest, language)
    with files.writing(out):
        files.write_text(out, page)


def html_page(name: str, tables: Tables, manifest: Mapping[str, Any], language: str = "en") -> str:
    """Return the page of some results as HTML; see ``write_page``."""
    with speaking(language, country_of(manifest)):
        answer, command = answer_for(name, tables, manifest), str(manifest.get("command") or "")
        return written(
            TEMPLATE,
            language,
            _=lambda key, **values: phrase("page", key, **values),
            answer=answer,
            pictures=list(pictures(tables, manifest, answer.sentences)),
            downloads=list(downloads(with_units(tables, manifest))),
            described=lambda table: _description(table, str(manifest.get("kind"))),
            command=" ".join(part for part in command.split(" ") if part != "--ship"),  # it replaces what runs use
            facts=provenance(manifest, name),
        )


def _description(table: str, kind: str) -> str:
    """Return what a table holds, which may depend on the kind of results; empty for an unknown table."""
    names = (f"{kind}_{table}", table)
    return next((label("table", name) for name in names if has_name("table", name)), "")


class OnPage(NamedTuple):
    """A figure in a page."""

    name: str
    heading: str
    notes: str
    alternative: str  # text for those who do not see it
    address: str
    width: int  # CSS pixels at its natural size
    height: int

    @property
    def about_who(self) -> bool:
        """Whether it shows who gains and who pays."""
        return self.name.split("/")[-1] in WHO


def pictures(tables: Tables, manifest: Mapping[str, Any], answer: Sequence[str]) -> Iterator[OnPage]:
    """Draw the figures of results, the main ones first; ``answer`` is what the first one shows, in sentences."""
    many = len(manifest.get("scenarios") or ()) > MOST_SCENARIOS
    with untitled():
        drawn = dict(figures(tables, manifest, language_in_force(), () if many else None))
    parts = {name: name.split("/")[-1] for name in drawn}
    order = sorted(drawn, key=lambda name: FIRST.index(parts[name]) if parts[name] in FIRST else len(FIRST))
    for name in order:
        figure = drawn[name]
        assert isinstance(figure, Picture)
        several = "/" in name and len(manifest.get("scenarios") or ()) > 1
        heading = f"{figure.shows} – {figure.title}" if several else figure.shows
        said = sentences(answer) if name == order[0] else phrase("page", "alternative")
        wide, high = (round(96 * length) for length in figure.get_size_inches())
        yield OnPage(name, heading, figure.notes, say("headed", head=heading, text=said), _address(figure), wide, high)


def _address(figure: Figure) -> str:
    """Draw a figure by lines, or by pixels if there are very many."""
    with styled():
        lines = encoded(figure, "svg")
        if len(lines) <= MOST_BYTES:
            return data_url("image/svg+xml", lines)
        return data_url("image/png", encoded(figure, "png"))


def downloads(tables: Mapping[str, pl.DataFrame]) -> Iterator[tuple[str, pl.DataFrame, str]]:
    """Yield each table with its name and an address of it as CSV, which is empty if it is too large."""
    for name, frame in tables.items():
        text = as_csv(frame) if frame.estimated_size() < 4 * LARGEST else ""
        small = 0 < len(text) <= LARGEST
        yield name, frame, data_url("text/csv;charset=utf-8", text.encode()) * small


def data_url(kind: str, content: bytes) -> str:
    """Return an address of a media type that holds its content, so that a page needs no other file."""
    return f"data:{kind};base64,{b64encode(content).decode()}"
