"""Import of Mesa, which hosts the model, without libraries that the model does not use: half of its import time.

Mesa needs pandas only for the tables of its data collector, and networkx and SciPy's trees only for its spaces. While
Mesa is imported, stand-ins load these modules when Mesa uses them; other imports are not affected.
(``importlib.util.LazyLoader`` does not work here: it loads at the next import statement.)
"""

import importlib
import sys
from functools import partial
from types import ModuleType
from typing import Any

__all__ = ("mesa",)


class _Late(ModuleType):
    """A stand-in for a library; a function taken from it during Mesa's import loads the library when it is called."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            if name[0] == "_":  # Mesa's log asks all modules for their files
                raise AttributeError(name)
            return partial(_called, self.__name__, name)
        return getattr(importlib.import_module(self.__name__), name)


def _called(library: str, name: str, *arguments: Any, **named: Any) -> Any:
    """Load a library and call one of its functions or classes."""
    return getattr(importlib.import_module(library), name)(*arguments, **named)


_LIBRARIES = ("pandas", "networkx", "scipy.spatial", "scipy.spatial.distance")
_late = {name: _Late(name) for name in _LIBRARIES if name not in sys.modules}
sys.modules |= _late

import mesa  # noqa: E402

for _name in _late:
    del sys.modules[_name]
