"""Numerical claims of the report, and the role that each reading of the evidence gives them."""

from sim.evidence.entries import Entry, Role, validated
from sim.files.shipped import CALIBRATION
from sim.files.toml import read


class Claim(Entry):
    """A numerical claim of the report, with its role in either reading."""

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
    """A figure from another source, used by the tensions."""

    name: str
    value: float
    unit: str
    source: str


class Claims(Entry):
    """The contents of ``calibration/claims.toml``."""

    claim: tuple[Claim, ...]
    fact: tuple[Fact, ...]


def load_claims() -> Claims:
    """Load all claims, with the facts from other sources that the tensions need."""
    return validated(Claims, read(CALIBRATION / "claims.toml"))
