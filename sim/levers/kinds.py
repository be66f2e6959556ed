"""All kinds of levers: those of the model, and those that users add.

A kind is a class with ``kind`` and its own fields, each with its range and the column that it writes. The engine knows
channels, hours, caps and penalties, but no policy by name. ``docs/extending.md`` shows how to add a kind.
"""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from types import ModuleType
from typing import Annotated, Any, get_args

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema

from sim.core.errors import InputError
from sim.levers import instruments, limits, oversight, restrictions
from sim.levers import plugins as added
from sim.levers.lever import FirmLever, Lever

__all__ = ["BUILT_IN", "AnyKind", "FirmLever", "Lever", "add_lever", "kinds"]


def _kind(lever: type[Lever]) -> str:
    """Return the name of a kind, empty if the class does not declare exactly one."""
    names = get_args(lever.model_fields["kind"].annotation)
    return names[0] if len(names) == 1 and isinstance(names[0], str) else ""


def _defined_in(module: ModuleType) -> list[type[Lever]]:
    """List the kinds that a module defines, in its order."""
    classes = (item for item in vars(module).values() if isinstance(item, type) and issubclass(item, Lever))
    return [item for item in classes if item.__module__ == module.__name__ and _kind(item)]


BUILT_IN = tuple(kind for module in (restrictions, instruments, limits, oversight) for kind in _defined_in(module))


def kinds() -> Mapping[str, type[Lever]]:
    """Map names in scenario files to the kinds of levers available now, built in and added."""
    return {_kind(lever): lever for lever in BUILT_IN} | {name: known.item for name, known in added.levers.items()}


def add_lever(lever: type[Lever]) -> type[Lever]:
    """Register a kind of lever for use in scenario files; also works as a decorator.

    The class is a subclass of ``Lever`` or ``FirmLever`` with ``kind: Literal["its_name"]`` and ``write``, defined in a
    file. Otherwise, or if its name belongs to the model or to another file, ``InputError``.
    """
    if not (isinstance(lever, type) and issubclass(lever, Lever)):
        raise InputError(f"{lever!r} is no subclass of sim.levers.kinds.Lever")
    name = _kind(lever)
    if not name:
        raise InputError(f'{lever.__name__}: say its kind, as in kind: Literal["evening_pledge"]')
    if name in {_kind(known) for known in BUILT_IN}:
        raise InputError(f"{lever.__name__}: '{name}' is a kind of the model; choose another name")
    added.remember(added.levers, name, lever)
    for renew in added.changed:
        renew()
    return lever


class AnyKind:
    """Annotation of lever fields: pydantic validates against the kinds known when it builds the class."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Build the schema of the union of kinds."""
        return handler.generate_schema(Annotated[reduce(or_, kinds().values()), Field(discriminator="kind")])
