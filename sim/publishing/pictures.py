"""Figures of results as pictures inside a page: without title and caption, which the page writes as text."""

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, NamedTuple

from matplotlib.figure import Figure

from sim.figures.context import Tables
from sim.figures.sheet import Picture, untitled
from sim.figures.style import styled
from sim.figures.words import phrase, spoken
from sim.publishing.downloads import data_url
from sim.report.plots import DOTS_PER_INCH, NO_DATE, figures

MOST_BYTES = 400_000  # of a drawing by lines; beyond that its pixels are smaller
MOST_SCENARIOS = 3  # with more of them none has pictures of its own
FIRST = ("effects", "forest", "course", "readings", "event_study", "target_card", "response", "ranking", "best")
WHO = ("who", "winners", "displacement", "frontier")  # in the part on who gains and who pays


class Shown(NamedTuple):
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


def pictures(tables: Tables, manifest: Mapping[str, Any], answer: Sequence[str]) -> Iterator[Shown]:
    """Draw the figures of results, the chief ones first; ``answer`` is what the first one shows, in sentences."""
    many = len(manifest.get("scenarios") or ()) > MOST_SCENARIOS
    with untitled():
        drawn = dict(figures(tables, manifest, spoken(), () if many else None))
    parts = {name: name.split("/")[-1] for name in drawn}
    order = sorted(drawn, key=lambda name: FIRST.index(parts[name]) if parts[name] in FIRST else len(FIRST))
    for name in order:
        figure = drawn[name]
        assert isinstance(figure, Picture)
        several = "/" in name and len(manifest.get("scenarios") or ()) > 1
        heading = unescaped(f"{figure.shows} – {figure.title}" if several else figure.shows)
        said = " ".join(answer) if name == order[0] else phrase("page", "alternative")
        wide, high = (round(96 * length) for length in figure.get_size_inches())
        yield Shown(name, heading, unescaped(figure.notes), f"{heading}. {said}", _address(figure), wide, high)


def unescaped(text: str) -> str:
    """Take back what keeps a dollar sign from beginning a formula."""
    return text.replace(r"\$", "$")


def _address(figure: Figure) -> str:
    """Draw a figure by lines, or by pixels if there are very many."""
    for kind, media in (("svg", "image/svg+xml"), ("png", "image/png")):
        content = BytesIO()
        with styled():
            figure.savefig(content, format=kind, dpi=DOTS_PER_INCH, metadata=NO_DATE[kind], facecolor="white")
        address = data_url(media, content.getvalue())
        if content.tell() <= MOST_BYTES:
            break
    return address
