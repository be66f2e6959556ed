"""Error messages for invalid scenarios, without the vocabulary of pydantic.

A mistake is a path of keys, a value and a sentence, which ends with the nearest valid name if a name is wrong.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from sim.core.errors import nearest, shortened
from sim.files.toml import KeyPath, as_toml

MANY = 40  # names; longer lists are not printed
MOST = 100  # mistakes reported at once

_WORDS = {
    "extra_forbidden": "unknown key",
    "missing": "is missing",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be above {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be below {lt}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "finite_number": "must be a finite number",
    "literal_error": "unknown name",
    "union_tag_invalid": "unknown kind",
    "union_tag_not_found": "needs a kind",
    "date_type": "must be a date, as in 2026-07-06 without quotation marks",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "is_instance_of": "must be a {class}",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "too_short": "must not be empty",
    "too_long": "must have at most {max_length} entries",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
}


def mistake(text: str, path: KeyPath, value: Any = None) -> InitErrorDetails:
    """Build an error for pydantic to raise, at the keys ``path``."""
    return InitErrorDetails(type=PydanticCustomError("mistake", "{text}", {"text": text}), loc=path, input=value)


def restated(detail: ErrorDetails, schema: Mapping[str, Any]) -> InitErrorDetails:
    """Rephrase an error of pydantic; ``schema`` is the JSON Schema of the whole, for the names that are valid."""
    path, value = detail["loc"], detail["input"]
    if detail["type"] == "union_tag_invalid":
        path, value = (*path, "kind"), detail["ctx"]["tag"]
    return mistake(_words(detail, schema), path, value)


def _words(detail: ErrorDetails, schema: Mapping[str, Any]) -> str:
    """Return the text of an error."""
    kind, path = detail["type"], detail["loc"]
    context = {key: f"{value:g}" if isinstance(value, float) else value for key, value in detail.get("ctx", {}).items()}
    text = _WORDS[kind].format(**context) if kind in _WORDS else detail["msg"].removeprefix("Value error, ")
    if kind == "missing":
        field = _table_at(path, schema)
        choices = field.get("enum") or field.get("items", {}).get("enum", ())
        return text + (hint("", choices) if choices else "")
    if kind == "extra_forbidden":
        return text + hint(str(path[-1]), _table_at(path[:-1], schema).get("properties", ()))
    if kind in ("literal_error", "union_tag_invalid"):
        choices = re.findall(r"'([^']*)'", str(context.get("expected") or context.get("expected_tags")))
        return text + hint(str(context.get("tag") or detail["input"]), choices)
    if kind == "union_tag_not_found":
        return f"{text}: one of {', '.join(sorted(_table_at(path, schema)['discriminator']['mapping']))}"
    return text


def _table_at(path: KeyPath, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a JSON Schema that describes the value at a path, in the variant of its kind."""
    node = schema
    for step in path:
        variant = node.get("discriminator", {}).get("mapping", {}).get(step)
        others = node.get("additionalProperties") or {"$ref": variant or "#/$defs/none"}
        node = node.get("properties", {}).get(step) or node.get("items") or others
        node = node.get("anyOf", (node,))[0]
        if "$ref" in node:
            node = schema["$defs"].get(node["$ref"].rsplit("/", 1)[-1], {})
    return node


def hint(word: str, choices: Iterable[str]) -> str:
    """Return a clause with the nearest valid name, or with all of them if they are few; possibly empty."""
    names = list(choices)
    found = nearest(word, names)
    return found if len(names) <= MANY or "did you mean" in found else ""


def listed(lines: Sequence[str], where: str) -> str:
    """Join mistakes, one per line, cut off after ``MOST`` with a last line that begins with ``where``."""
    more = [f"{where}: there are more mistakes than these {MOST}"] if len(lines) > MOST else []
    return "\n".join([*lines[:MOST], *more])


class Entry(BaseModel):
    """A table of a file in ``calibration/``: frozen, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def follows(detail: ErrorDetails, known: Collection[KeyPath]) -> bool:
    """Return whether an error is only a consequence of another one.

    Consequences are a list that is too short only without its invalid items, a lever rejected as a whole if a mistake
    in it (its path is in ``known``) is reported, and a key that nothing may be called if it is reported as unknown.
    """
    if detail["loc"][-1:] == ("[key]",):
        return detail["loc"][:-1] in known
    if detail["type"] == "too_short":
        return bool(detail["ctx"]["actual_length"] < len(detail["input"]))
    return detail["type"] == "value_error" and len(detail["loc"]) == 3 and detail["loc"][:2] in known


def sentence(path: KeyPath, detail: ErrorDetails) -> str:
    """Format key, value and text of an error, as in ``run.people: 3: must be at least 20``."""
    return worded(path, detail["input"], detail["msg"])[1]


def worded(path: KeyPath, value: Any, text: str) -> tuple[KeyPath, str]:
    """Return the path of a mistake, and the sentence with key, value and text."""
    key = "".join(f"[{step}]" if isinstance(step, int) else f".{shortened(step)}" for step in path).lstrip(".")
    plain = isinstance(value, str | int | float | date | list | tuple) and len(str(value)) <= 80
    says = plain and path[-1:] != (value,) and not text.startswith("unknown key")
    return path, ": ".join([key] * bool(key) + [as_toml(value)] * bool(says) + [text])


@cache
def schema_of(kind: type[BaseModel]) -> dict[str, Any]:
    """Return the cached JSON Schema of a kind of files, from which error messages take the valid names."""
    return kind.model_json_schema()


def sentences(error: ValidationError, kind: type[BaseModel], data: Any) -> Iterator[tuple[KeyPath, str]]:
    """Word the mistakes that pydantic found in a file of a kind, each with its path in ``data``."""
    schema = schema_of(kind)
    found = [restated(detail, schema) for detail in error.errors()[: MOST + 1] if not follows(detail, ())]
    for detail in ValidationError.from_exception_data(kind.__name__, found).errors():
        at = as_written(detail["loc"], data)
        yield at, sentence(at, detail)


def as_written(path: KeyPath, data: Any) -> KeyPath:
    """Drop steps of pydantic's path that are not in the file: kinds of levers, and marks of keys."""
    written: KeyPath = ()
    node = data
    for step in path:
        if step == "[key]" or (isinstance(node, dict) and step not in node and step == node.get("kind")):
            continue
        written += (step,)
        inside = (isinstance(node, dict) and step in node) or (isinstance(node, tuple) and isinstance(step, int))
        node = node[step] if inside else None
    return written
