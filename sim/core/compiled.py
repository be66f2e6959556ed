"""Compilation in one place: what is compiled, with which settings, and for which version of the sources.

``rule`` marks a small pure function of scalars or array views that is compiled with its callers. ``kernel`` marks an
entry point that Python calls. With ``NUMBA_DISABLE_JIT=1`` both are plain Python functions that give exactly the same
results, because they use only ``math`` functions, explicit sums and ``np.uint64`` operands.

A kernel is optimised once, together with its rules, which nothing else can call. The optimiser decides what to inline
and passes on only the fields of a world that are read. By default numba optimises each rule with all that it uses,
again at each level, and makes machine code for it that nobody runs; that takes half of the compile time. Weighting
branches by how often they are taken (``sim.core.branches``) saves a sixteenth of the run time.

No index in a rule is negative, so numba's code for counting from the end is left out; it takes a tenth of the run time.
With ``NUMBA_BOUNDSCHECK=1`` each index is checked, as ``make test-bounds`` does for all tests of rules.

Compiled code is stored in a folder named by a hash of the engine's sources, the versions and the processor, so that an
edited rule never runs stale machine code (numba itself notices only changes of the kernel's file). A wheel may include
such a folder, made for all processors with certain instructions.
"""

import gc
import hashlib
import platform
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numba
import numpy as np
from numba import _dynfunc
from numba.core import cgutils, itanium_mangler
from numba.core.base import BaseContext
from numba.core.codegen import JITCodeLibrary, get_host_cpu_features, ll
from numba.core.compiler import Compiler
from numba.core.registry import CPUDispatcher
from numba.np import arrayobj

from sim.core import branches, code_cache, sources, user_cache

ENGINE = ("engine/simulate", "engine/people")  # modules that Python calls; what they import is compiled with them
COMPILED = not numba.config.DISABLE_JIT
# numba formats all fields of a record at each of its events, which takes a tenth of the compile time
numba.types.Record.__repr__ = numba.types.Type.__repr__
if not COMPILED:
    np.seterr(over="ignore")  # 64-bit keys wrap around by design
SHIPPED = sources.HERE / "data" / "machine_code"  # in an installed package, see setup.py
ANY = {  # processors for which shipped machine code is made; for x86 those since 2013
    "x86_64": ("x86-64", "+avx2,+bmi,+bmi2,+cx16,+f16c,+fma,+lzcnt,+movbe,+popcnt,+sse4.2,+xsave"),
}.get(platform.machine(), ("generic", ""))


@cache
def fingerprint(shipped: bool = False) -> str:
    """Hash what machine code depends on: sources, Python, numba and llvmlite, checks, the system and the processor."""
    facts = (
        sources.version_of(*ENGINE),
        f"{sys.implementation.cache_tag}{sys.abiflags}",
        version("numba"),
        version("llvmlite"),
        sys.platform,
        platform.machine(),
        str(numba.config.BOUNDSCHECK),
        repr(branches.kept()),
        *(ANY if shipped else _processor()),
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _processor() -> tuple[str, str]:
    """Return the processor for which numba compiles, and its instruction sets."""
    name, features = numba.config.CPU_NAME, numba.config.CPU_FEATURES
    return (
        ll.get_host_cpu_name() if name is None else name,
        get_host_cpu_features() if features is None else features,
    )


def _folders() -> tuple[Path, ...]:
    """Return the folders for code of this version: in the package, and in the user's cache folder."""
    own = user_cache.home() / fingerprint()
    return (SHIPPED / fingerprint(shipped=True), own) if SHIPPED.is_dir() and _fits() else (own,)


def _fits() -> bool:
    """Return whether this processor has all instructions that shipped code needs."""
    there = ll.get_host_cpu_features()
    return all(there.get(feature[1:]) for feature in ANY[1].split(",") if feature)


class _Library(JITCodeLibrary):
    """Code with information on how often its branches are taken."""

    def add_ir_module(self, module: Any) -> None:
        """Add the translation of a function."""
        branches.weigh(module)
        super().add_ir_module(module)


class _Part(_Library):
    """Code of a rule: not optimised or turned into machine code by itself, because it runs only within a kernel."""

    def add_linking_library(self, library: Any) -> None:
        """Remember a rule that this one uses."""
        self._linking_libraries.append(library)

    def finalize(self) -> None:
        """Leave the code as it is."""
        self._finalized = True

    def _optimize_functions(self, module: Any) -> None:
        """Leave functions as they are."""
        module.data_layout = self._codegen._data_layout


class _Whole(_Library):
    """Code of a kernel and of all rules that it uses, optimised once and together."""

    def add_linking_library(self, library: Any) -> None:
        """Take up a rule, and the rules that it uses."""
        if library not in self._linking_libraries:
            super().add_linking_library(library)
            for part in library._linking_libraries:
                self.add_linking_library(part)

    def _get_module_for_linking(self) -> Any:
        """Return the names of definitions instead of their code, which nothing links; these are cached on disk."""
        return ll.parse_assembly("\n".join(f'@"{each.name}" = global i8 0' for each in self.get_defined_functions()))

    def _optimize_final_module(self) -> None:
        """Optimise without vectorising and without numba's first pass, which removes reference counts (none here).

        The code that stores the arrays of a world stays separate from the kernel, within which they never change.
        """
        for function in self._final_module.functions:
            if function.linkage == ll.Linkage.linkonce_odr:
                function.linkage = ll.Linkage.internal
            elif not function.is_declaration:
                function.add_function_attribute("noinline")
        passes, builder = self._codegen._module_pass_manager(loop_vectorize=False, slp_vectorize=False)
        passes.run(self._final_module, builder)


def _symbol(name: str, types: Any, *, abi_tags: Any = (), uid: Any = None) -> str:
    """Name a function in machine code by a digest of its types; numba spells them out, 26 kB for those of a world."""
    return itanium_mangler.mangle(name, (), abi_tags=(_digest(tuple(types)), *abi_tags), uid=uid)


@cache
def _digest(types: tuple[Any, ...]) -> str:
    """Hash types by their full names, because numba's numbers of records differ between processes."""
    return hashlib.sha256("\0".join(map(str, types)).encode()).hexdigest()[:32]


def _index(context: Any, builder: Any, kind: Any, value: Any, size: Any) -> Any:
    """Translate an index: the engine's as it is, others in numba's way, where negative ones count from the end."""
    if getattr(context, "mangler", None) is not _symbol:
        return _INDEX(context, builder, kind, value, size)
    return context.cast(builder, value, kind, numba.types.intp)


_INDEX, arrayobj.fix_integer_index = arrayobj.fix_integer_index, _index


def _copy(context: Any, builder: Any, kind: Any, value: Any, place: Any, align: Any = None) -> None:
    """Copy a record as a whole; numba copies byte by byte and leaves it to the optimiser to combine this."""
    if isinstance(kind, numba.types.Record):
        cgutils.raw_memcpy(builder, place, value, cgutils.intp_t(kind.size), 1)
    else:
        _PACK(context, builder, kind, value, place, align)


_PACK, BaseContext.pack_value = BaseContext.pack_value, _copy


def _stand_in(library: Any, about: Any, environment: Any) -> Any:
    """Make the object that represents a rule to numba, in place of its machine code."""
    return _dynfunc.make_function(about.lookup_module(), about.qualname, "", 0, environment, (library,))


class _OfRules(Compiler):
    """Compiles rules, but stops before machine code."""

    def define_pipelines(self) -> Any:
        """Start with a library of the kind that rules have."""
        state = self.state
        state.library = _Part(state.targetctx.codegen(), state.func_id.func_qualname)
        state.targetctx.get_executable = _stand_in
        state.targetctx.mangler = _symbol
        return super().define_pipelines()


class _OfKernels(Compiler):
    """Compiles kernels together with their rules."""

    def define_pipelines(self) -> Any:
        """Start with a library of the kind that kernels have."""
        state = self.state
        state.library = _Whole(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        state.targetctx.mangler = _symbol
        return super().define_pipelines()


class _Kernel(CPUDispatcher):
    """A compiled kernel."""

    def compile(self, sig: Any) -> Any:
        """Compile or load without garbage collection, which finds little among millions of small objects."""
        collects = gc.isenabled()
        gc.disable()
        try:
            return super().compile(sig)
        finally:
            if collects:
                gc.enable()


def _wide(kind: Any) -> Any:
    """Return the type in which rules take a number; fields of messages and tasks are narrower."""
    if isinstance(kind, numba.types.Integer) and kind.signed:
        return numba.types.intp
    return numba.types.boolean if isinstance(kind, numba.types.Boolean) else kind


class _Rule(CPUDispatcher):
    """A compiled rule that runs as plain Python when Python calls it; only kernels are entered from outside."""

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Take integers in one width, so that a rule is compiled once for integers from anywhere."""
        return super().get_call_template(tuple(map(_wide, args)), kws)

    def __call__(self, *arguments: Any) -> Any:
        """Run the plain form, which gives exactly the same result."""
        with np.errstate(over="ignore"):
            return self.py_func(*arguments)


def rule[**A, T](function: Callable[A, T]) -> Callable[A, T]:
    """Compile a small pure function as a part of its callers; called from Python it runs as plain Python.

    It allocates nothing and takes scalars, records and arrays.
    """
    decorate: Any = numba.njit(
        _nrt=False,
        error_model="numpy",
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        pipeline_class=_OfRules,
    )
    compiled = decorate(function)
    if COMPILED:
        compiled.__class__ = _Rule
    return cast("Callable[A, T]", compiled)


def kernel[**A, T](function: Callable[A, T]) -> Callable[A, T]:
    """Compile an entry point that returns a scalar; cached on disk, without interpreter lock or reference counts."""
    decorate: Any = numba.njit(nogil=True, _nrt=False, error_model="numpy", pipeline_class=_OfKernels)
    compiled = decorate(function)
    if COMPILED:
        name = f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}"
        compiled.__class__ = _Kernel
        compiled._cache = code_cache.CodeCache(function, name, _folders())
    return cast("Callable[A, T]", compiled)


def is_cached() -> bool:
    """Return whether compiled code of exactly these sources is on disk and complete; else the first call compiles."""
    kernels = sources.marked(sources.imported_by(*ENGINE), "kernel")
    return not COMPILED or any(code_cache.holds(folder, kernels) for folder in _folders())
