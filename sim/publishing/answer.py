"""What a page says of results, whatever their kind."""

from collections.abc import Sequence
from typing import NamedTuple

from sim.figures.words import phrase, words


class Grid(NamedTuple):
    """A table of a page or paper; the first cell of a row is its heading."""

    name: str  # a row of ``page``, which is its caption
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    bare: bool = False  # none of its numbers has the interval that the caption would promise

    @property
    def caption(self) -> str:
        """What it shows, in the language in force."""
        return phrase("page", f"{self.name}_bare" if self.bare else self.name)


class Answer(NamedTuple):
    """What a page says of results, beside pictures, tables to download and where they come from."""

    title: str
    question: str
    sentences: Sequence[str]
    who: Sequence[Grid] = ()  # tables of the part whose heading is ``part``
    sure: Sequence[str] = ()  # paragraphs
    sure_grids: Sequence[Grid] = ()
    limits: Sequence[str] = ()
    part: str = "who"  # a row of ``page``


def limits(*kinds: str) -> list[str]:
    """Return the sentences on limits whose keys begin with one of these kinds."""
    keys = [key for kind in kinds for key in words()["page"] if key.startswith(f"limit_{kind}_")]
    return [phrase("page", key) for key in keys]
