"""Claims: all numbers that the report claims, and what each reading of the evidence does with them."""

from sim.datafiles import CALIBRATION
from sim.evidence.entries import Entry, Role, validated
from sim.tomlfile import read


class Claim(Entry):
    """One numeric claim of the report, and what each reading does with it."""

    id: str
    section: str
    says: str
    value: float | None = None
    unit: str = ""
    report: Role
    audited: Role
    confidence: str
    reason: str = ""


class Fact(Entry):
    """A figure from outside the report that a tension needs."""

    name: str
    value: float
    unit: str
    source: str


class Claims(Entry):
    """The whole list of claims."""

    claim: tuple[Claim, ...]
    fact: tuple[Fact, ...]


def load_claims() -> Claims:
    """Read the list of the report's claims.

    Returns
    -------
    Claims
        All claims, with the facts from elsewhere that the tensions need.
    """
    return validated(Claims, read(CALIBRATION / "claims.toml"))
