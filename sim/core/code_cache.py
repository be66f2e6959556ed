"""Cache of compiled code: one file per kernel and signature, written atomically, verified when read, safe to share.

numba's own cache has an index beside the code. Concurrent compilation of different signatures can leave an index that
points to the wrong code, and code of another clone is never found. Here the file name encodes everything that the
content depends on, so any number of processes and clones can read and write at once.
"""

import contextlib
import hashlib
import os
import pickle
import sys
import uuid
from pathlib import Path
from typing import Any

from numba.core import caching

_DIGEST = hashlib.sha256().digest_size
_OTHERS = 0o022  # write permission for group and others


class CodeCache(caching.FunctionCache):
    """Replacement for numba's cache of one kernel; ``folder`` may be missing or read-only."""

    def __init__(self, kernel: Any, name: str, folder: Path) -> None:
        self._py_func = kernel
        self._kernel = name
        self._folder = folder
        self._impl = caching.CompileResultCacheImpl.__new__(caching.CompileResultCacheImpl)
        self.enable()

    @property
    def cache_path(self) -> str:
        """The folder, for numba's statistics."""
        return str(self._folder)

    def flush(self) -> None:
        """Do nothing: files of one version never become stale."""

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load the compiled code for a signature; None if there is none, after a message that compilation starts."""
        data = _read(self._file(sig, target_context.codegen()))
        if data is None:
            _say(f"Compiling {self._kernel.partition('.')[2]} for this machine; the engine takes about a minute, once")
            return None
        return self._impl.rebuild(target_context, pickle.loads(data))

    def _save_overload(self, sig: Any, data: Any) -> None:
        """Store compiled code; report once if that is not possible."""
        if not self._impl.check_cachable(data):
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not _ours(self._folder):
                raise PermissionError(0, "others can write there")
            _write(self._file(sig, data.codegen), caching.dumps(self._impl.reduce(data)))
        except OSError as error:
            _say(f"Compiled code cannot be kept in {self._folder.parent} ({error.strerror}): every start compiles. "
                 "OFFHOURS_CACHE names another folder")  # fmt: skip

    def _file(self, sig: Any, codegen: Any) -> Path:
        """Return the file of a signature, named by signature, processor and bytecode."""
        key = hashlib.sha256(repr(self._index_key(sig, codegen)).encode()).hexdigest()[:16]
        return self._folder / f"{self._kernel}-{key}.code"


def holds(folder: Path, kernels: list[str]) -> bool:
    """Return whether a folder has intact code of every kernel."""
    return all(any(_read(file) is not None for file in folder.glob(f"{kernel}-*.code")) for kernel in kernels)


def _ours(folder: Path) -> bool:
    """Return whether nobody else could have written to the folder: its code will be executed."""
    try:
        about = folder.lstat()
    except OSError:
        return False
    return about.st_uid in (os.geteuid(), 0) and not about.st_mode & _OTHERS and folder.is_dir()


def _read(file: Path) -> bytes | None:
    """Read a file of code; None if it is missing or damaged."""
    try:
        content = file.read_bytes() if _ours(file.parent) else b""
    except OSError:
        return None
    code = content[_DIGEST:]
    return code if code and hashlib.sha256(code).digest() == content[:_DIGEST] else None


def _write(file: Path, code: bytes) -> None:
    """Write a file of code with its checksum, atomically."""
    draft = file.with_name(f".{uuid.uuid4().hex}.draft")
    try:
        with draft.open("xb") as handle:
            handle.write(hashlib.sha256(code).digest() + code)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(draft, file)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


_said: set[str] = set()


def _say(line: str) -> None:
    """Print a line to standard error, once per first word and process."""
    kind = line.split(maxsplit=1)[0]
    if kind not in _said and sys.stderr is not None:
        _said.add(kind)
        print(line, file=sys.stderr, flush=True)
