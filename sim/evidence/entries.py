"""Validation of the files in ``calibration/``, with file and line of each mistake."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from sim.core.errors import InputError, shortened
from sim.files.toml import Document, place
from sim.files.validation import MOST, listed

Role = Literal["calibrated", "cutoff", "checked", "input", "accounting", "not_used"]


class Entry(BaseModel):
    """A table of a calibration file: frozen, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def validated[Kind: Entry](kind: type[Kind], document: Document) -> Kind:
    """Validate a document; ``InputError`` lists its mistakes with their lines."""
    try:
        return kind.model_validate(document.data)
    except ValidationError as error:
        lines = [
            f"{document.path.name}:{place(document.lines, detail['loc']) or 1}: "
            f"{'.'.join(shortened(str(step)) for step in detail['loc'])}: {detail['msg']}"
            for detail in error.errors()[: MOST + 1]
        ]
        raise InputError(listed(lines, f"{document.path.name}:1")) from None
