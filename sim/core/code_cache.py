"""Cache of compiled code: one file per kernel and signature, written atomically, verified when read, safe to share.

numba's own cache keeps an index beside the code. Compiling different signatures concurrently can leave an index that
points to the wrong code, and code of another clone is never found. Here the file name encodes everything on which the
content depends, so any number of processes and clones can read and write at once.
"""

import hashlib
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numba.core import caching

from sim.core import user_cache
from sim.core.notices import COMPILING, notify


class CodeCache(caching.FunctionCache):
    """Replacement for numba's cache of one kernel: reads from all existing ``folders``, and writes to the last."""

    def __init__(self, kernel: Any, name: str, folders: Sequence[Path]) -> None:
        self._py_func = kernel
        self._kernel = name
        self._folders = folders
        self._folder = folders[-1]
        self._impl = caching.CompileResultCacheImpl.__new__(caching.CompileResultCacheImpl)
        self.enable()

    @property
    def cache_path(self) -> str:
        """Return the folder, for numba's statistics."""
        return str(self._folder)

    def flush(self) -> None:
        """Do nothing, because files of one version never become stale."""

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load the compiled code for a signature; None if there is none, after announcing that compilation starts."""
        name = self._name_of(sig, target_context.codegen())
        data = next((code for folder in self._folders if (code := user_cache.read(folder / name))), None)
        if data is None:
            notify(COMPILING)
            return None
        return self._impl.rebuild(target_context, pickle.loads(data))

    def _save_overload(self, sig: Any, data: Any) -> None:
        """Store compiled code; report once if that is not possible."""
        if not self._impl.check_cachable(data):
            return
        try:
            code = caching.dumps(self._impl.reduce(data._replace(type_annotation="")))
            user_cache.write(self._folder / self._name_of(sig, data.codegen), code)
        except OSError as error:
            notify(f"Compiled code cannot be kept in {self._folder.parent} ({error.strerror}): every start compiles. "
                 "OFFHOURS_CACHE names another folder")  # fmt: skip

    def _name_of(self, sig: Any, codegen: Any) -> str:
        """Return the name of a file, by signature and bytecode; the folder's name identifies the processor."""
        signature, _, bytecode = self._index_key(sig, codegen)
        return f"{self._kernel}-{hashlib.sha256(repr((signature, bytecode)).encode()).hexdigest()[:16]}.code"


def holds(folder: Path, kernels: list[str]) -> bool:
    """Return whether a folder has intact code of every kernel."""
    return all(any(user_cache.read(file) is not None for file in folder.glob(f"{kernel}-*.code")) for kernel in kernels)
