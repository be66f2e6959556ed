"""The rules of ``sim.behaviour`` as plain functions that call each other plainly, compiled or not."""

import math
from importlib import import_module
from pkgutil import iter_modules
from types import FunctionType, SimpleNamespace
from typing import Any

from sim import behaviour

ROOMS = [import_module(f"sim.behaviour.{room.name}") for room in iter_modules(behaviour.__path__)]


def _plain_rules() -> SimpleNamespace:
    scope: dict[str, Any] = {"math": math}
    for room in ROOMS:
        scope |= {name: value for name, value in vars(room).items() if isinstance(value, int)}
        for name, rule in vars(room).items():
            function = getattr(rule, "py_func", rule)
            if isinstance(function, FunctionType) and function.__module__ == room.__name__:
                scope[name] = FunctionType(function.__code__, scope, name)
    return SimpleNamespace(**scope)


rules = _plain_rules()
