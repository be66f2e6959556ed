"""What the tables of scenario and country files have in common."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

NAME = re.compile(r"[a-z0-9_]{1,64}")


def refusal(text: str) -> PydanticCustomError:
    """Make an error with this message."""
    return PydanticCustomError("refused", "{text}", {"text": text})


def _safe(word: str) -> str:
    """Reject a name that could not be a folder in ``results/``."""
    if not NAME.fullmatch(word):
        raise refusal("a name may hold only a-z, 0-9 and _, at most 64 of them")
    return word


_NAME_SCHEMA = WithJsonSchema({"type": "string", "pattern": f"^{NAME.pattern}$"})
type Name = Annotated[str, AfterValidator(_safe), _NAME_SCHEMA]
type Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Part(BaseModel):
    """A table of a file: complete, immutable, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
