"""Compilation in one place: what is compiled, with which settings, and for which version of the sources.

``rule`` marks a small pure function of scalars or array views; it is inlined wherever it is used. ``kernel`` marks
an entry point that Python calls. Both are plain Python functions when ``NUMBA_DISABLE_JIT=1``, with the same results
to the bit: only ``math`` functions, explicit sums and ``np.uint64`` operands are used inside.

Compiled code is kept in a folder named by a hash of the engine's sources, the versions and the processor, so that an
edited rule can never meet stale machine code (numba by itself notices only the file of the kernel).
"""

import hashlib
import os
import platform
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numba
import numpy as np
from numba.core.registry import CPUDispatcher

from sim.core import code_cache, sources

ENGINE = ("engine/simulate", "engine/people")  # the modules that Python enters; what they import is compiled with them
COMPILED = not numba.config.DISABLE_JIT
if not COMPILED:
    np.seterr(over="ignore")  # 64-bit keys wrap around by design


@cache
def fingerprint() -> str:
    """Hash what machine code depends on: the sources, Python, numba and llvmlite, and the processor."""
    facts = (
        sources.digest(sources.imported_by(*ENGINE)),
        sys.version,
        version("numba"),
        version("llvmlite"),
        platform.machine(),
        _processor(),
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _processor() -> str:
    """Name the first processor and its instruction sets, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(next((s for s in lines if s.startswith(key)), "") for key in ("model name", "flags"))


def _folder() -> Path:
    """Say where compiled code of this version is kept: in ``$OFFHOURS_CACHE`` or the user's cache folder."""
    home = os.environ.get("OFFHOURS_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "offhours"
    )
    return Path(home).absolute() / fingerprint()


class _Rule(CPUDispatcher):
    """A compiled rule that runs as plain Python when Python calls it: only kernels are entered from outside."""

    def __call__(self, *arguments: Any) -> Any:
        """Run the plain form, which gives the same, to the bit."""
        with np.errstate(over="ignore"):
            return self.py_func(*arguments)


def rule[**A, T](function: Callable[A, T]) -> Callable[A, T]:
    """Compile a small pure function so that its callers contain it; called from Python it runs as plain Python.

    It allocates nothing and takes scalars, records and arrays.
    """
    decorate: Any = numba.njit(
        forceinline=True, _nrt=False, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
    )  # without wrappers the whole engine compiles in half the time
    compiled = decorate(function)
    if COMPILED:
        compiled.__class__ = _Rule
    return cast("Callable[A, T]", compiled)


def kernel[**A, T](function: Callable[A, T]) -> Callable[A, T]:
    """Compile an entry point that returns a scalar: kept on disk, without the interpreter lock or reference counts."""
    decorate: Any = numba.njit(nogil=True, _nrt=False, error_model="numpy")
    compiled = decorate(function)
    if COMPILED:
        name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"
        compiled._cache = code_cache.CodeCache(function, name, _folder())
    return cast("Callable[A, T]", compiled)


def is_cached() -> bool:
    """Whether compiled code of just these sources lies on disk, sound and complete: the first call compiles if not."""
    kernels = sources.marked(sources.imported_by(*ENGINE), "kernel")
    return not COMPILED or code_cache.holds(_folder(), kernels)
