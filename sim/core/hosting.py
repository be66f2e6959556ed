"""Mesa, which hosts the model, without the third of its import that is pandas.

Mesa needs pandas only for the tables of its own data collector, which the model does not use. While Mesa is imported, a
module stands in for pandas that loads it when Mesa asks for something; everybody else's ``import pandas`` is untouched.
(``importlib.util.LazyLoader`` would not do: it loads at the next import statement.)
"""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

__all__ = ("mesa",)


class _Late(ModuleType):
    """A stand-in for a library, which is loaded for the first attribute that is not here."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


_spec = None if {"mesa", "pandas"} & sys.modules.keys() else importlib.util.find_spec("pandas")
if _spec:
    sys.modules["pandas"] = _late = _Late("pandas")
    _late.__spec__, _late.__file__ = _spec, _spec.origin  # Mesa's log asks all modules for theirs

import mesa  # noqa: E402

if _spec and sys.modules["pandas"] is _late:
    del sys.modules["pandas"]
