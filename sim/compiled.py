"""Compilation in one place: the only room that imports numba, and the only one that knows of its settings.

``rule`` marks a small pure function of scalars or array views; it is inlined wherever it is used. ``kernel`` marks
an entry point that Python calls. Both are plain Python functions when ``NUMBA_DISABLE_JIT=1``, with the same results
to the bit: only ``math`` functions, explicit sums and ``np.uint64`` operands are used inside.

The compiled code is kept in a folder named by a hash of the engine's sources, the versions and the processor,
so that an edited rule can never meet stale machine code (numba by itself notices only the file of the kernel).
"""

import hashlib
import os
import platform
import re
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

ENGINE = ("engine/exchange", "engine/people")  # the rooms that Python enters; what they import is compiled with them


def engine_sources() -> list[Path]:
    """Find the files that the engine is compiled from.

    Returns
    -------
    list[Path]
        The rooms of ``ENGINE`` and everything of the package that they import, directly or not, by name.
    """
    here = Path(__file__).parent
    found: set[str] = set()
    todo = list(ENGINE)
    while todo:
        room = todo.pop()
        if room not in found:
            found.add(room)
            source = (here / f"{room}.py").read_text(encoding="utf-8")
            todo += [name.replace(".", "/") for name in re.findall(r"^from sim\.([\w.]+) import", source, re.MULTILINE)]
            if "from sim import" in source:
                todo.append("draws")
    return [here / f"{room}.py" for room in sorted(found)]


def fingerprint() -> str:
    """Hash what the machine code depends on.

    Returns
    -------
    str
        16 hexadecimal digits over the engine's sources, the versions of Python, numba and llvmlite, the
        processor and the generator chosen by ``OFFHOURS_GENERATOR``.
    """
    digest = hashlib.sha256()
    for source in engine_sources():
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    facts = (
        sys.version,
        version("numba"),
        version("llvmlite"),
        platform.machine(),
        _processor(),
        os.environ.get("OFFHOURS_GENERATOR", "splitmix"),
    )
    digest.update(repr(facts).encode())
    return digest.hexdigest()[:16]


def _processor() -> str:
    """Name the processor and its instruction sets, as far as the system tells.

    Returns
    -------
    str
        Model name and flags of the first processor, or what ``platform`` says.
    """
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(next((s for s in lines if s.startswith(key)), "") for key in ("model name", "flags"))


def _cache_folder() -> Path:
    """Choose where compiled code is kept.

    Returns
    -------
    Path
        ``$OFFHOURS_CACHE`` or the user's cache folder, then the fingerprint.
    """
    home = os.environ.get("OFFHOURS_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "offhours"
    )
    return Path(home) / fingerprint()


os.environ["NUMBA_CACHE_DIR"] = str(_cache_folder())

import numba  # noqa: E402  (the cache folder must be set before numba is imported)
import numpy as np  # noqa: E402
from numba.core.registry import CPUDispatcher  # noqa: E402

COMPILED = not numba.config.DISABLE_JIT
if not COMPILED:
    np.seterr(over="ignore")  # 64-bit keys wrap around by design


class _Rule(CPUDispatcher):
    """A compiled rule that runs as plain Python when Python calls it: only kernels are entered from outside."""

    def __call__(self, *arguments: Any) -> Any:
        """Run the plain form.

        Parameters
        ----------
        *arguments : Any
            The rule's arguments.

        Returns
        -------
        Any
            What the rule returns; the same, to the bit, as compiled.
        """
        with np.errstate(over="ignore"):
            return self.py_func(*arguments)


def rule[**A, T](function: Callable[A, T]) -> Callable[A, T]:
    """Compile a small pure function so that its callers contain it; called from Python it runs as plain Python.

    Parameters
    ----------
    function : Callable[A, T]
        A function of scalars or of views of the columns; it allocates nothing.

    Returns
    -------
    Callable[A, T]
        The compiled function; its plain Python form is ``.py_func`` where compilation is on.
    """
    decorate: Any = numba.njit(
        forceinline=True, _nrt=False, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True
    )  # without wrappers the whole engine compiles in half the time
    compiled = decorate(function)
    if COMPILED:
        compiled.__class__ = _Rule
    return cast("Callable[A, T]", compiled)


def kernel[**A, T](function: Callable[A, T]) -> Callable[A, T]:
    """Compile an entry point: cached on disk, without the interpreter's lock, without reference counting.

    Parameters
    ----------
    function : Callable[A, T]
        A function of arrays and scalars that returns a scalar.

    Returns
    -------
    Callable[A, T]
        The compiled function.
    """
    decorate: Any = numba.njit(cache=True, nogil=True, _nrt=False, error_model="numpy")
    return cast("Callable[A, T]", decorate(function))


def is_cached() -> bool:
    """Tell whether compiled code for just these sources lies on disk.

    Returns
    -------
    bool
        True if a start will be quick; False if the first call compiles.
    """
    return any(_cache_folder().rglob("*.nbi"))
