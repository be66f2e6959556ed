"""The rules of ``sim.engine.behaviour`` as plain functions that call each other plainly, compiled or not."""

import math
from types import FunctionType, SimpleNamespace
from typing import Any

from sim.engine import behaviour


def _plain_rules() -> SimpleNamespace:
    scope: dict[str, Any] = {"math": math} | {k: v for k, v in vars(behaviour).items() if isinstance(v, int)}
    for name, rule in vars(behaviour).items():
        function = getattr(rule, "py_func", rule)
        if isinstance(function, FunctionType) and function.__module__ == behaviour.__name__:
            scope[name] = FunctionType(function.__code__, scope, name)
    return SimpleNamespace(**scope)


rules = _plain_rules()
