"""Compiled code on disk: one file for each kernel and form of it, written whole, checked when read, safe to share.

numba's own cache keeps an index beside the code. Two processes that compile different forms of one function at the same
time can leave an index that points at the other one's code, and code compiled in another clone is never found. Here the
name of a file says all that decides its content, so any number of processes and clones may read and write at once.
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
_OTHERS = 0o022  # write permission for the group and for everybody


class CodeCache(caching.FunctionCache):
    """Where numba looks for the code of a kernel and leaves it.

    Parameters
    ----------
    kernel : Any
        The kernel's plain form.
    name : str
        Its name in the cache.
    folder : Path
        Where code of this version is kept; it need not be there, nor be writable.
    """

    def __init__(self, kernel: Any, name: str, folder: Path) -> None:
        self._py_func = kernel
        self._kernel = name
        self._folder = folder
        self._impl = caching.CompileResultCacheImpl.__new__(caching.CompileResultCacheImpl)
        self.enable()

    @property
    def cache_path(self) -> str:
        """The folder, as numba's statistics name it."""
        return str(self._folder)

    def flush(self) -> None:
        """Leave everything as it is: files of this version never go stale."""

    def _load_overload(self, sig: Any, target_context: Any) -> Any:
        """Give the compiled form for a signature, or None if there is none that can be used."""
        data = _read(self._file(sig, target_context.codegen()))
        if data is None:
            _say(f"Compiling {self._kernel.partition('.')[2]} for this machine; the engine takes about a minute, once")
            return None
        return self._impl.rebuild(target_context, pickle.loads(data))

    def _save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled form; where that is not possible, say so once."""
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
        """Name the file of a form by all that decides it: signature, processor and bytecode."""
        key = hashlib.sha256(repr(self._index_key(sig, codegen)).encode()).hexdigest()[:16]
        return self._folder / f"{self._kernel}-{key}.code"


def holds(folder: Path, kernels: list[str]) -> bool:
    """Say whether sound code of all kernels lies in a folder.

    Parameters
    ----------
    folder : Path
        Where code of one version is kept.
    kernels : list[str]
        Names of kernels.

    Returns
    -------
    bool
        True if each has a file that can be read and whose checksum is right.
    """
    return all(any(_read(file) is not None for file in folder.glob(f"{kernel}-*.code")) for kernel in kernels)


def _ours(folder: Path) -> bool:
    """Say whether nobody else could have put code there: what is read is executed."""
    try:
        about = folder.lstat()
    except OSError:
        return False
    return about.st_uid in (os.geteuid(), 0) and not about.st_mode & _OTHERS and folder.is_dir()


def _read(file: Path) -> bytes | None:
    """Read a file of code; one that is damaged counts as absent."""
    try:
        content = file.read_bytes() if _ours(file.parent) else b""
    except OSError:
        return None
    code = content[_DIGEST:]
    return code if code and hashlib.sha256(code).digest() == content[:_DIGEST] else None


def _write(file: Path, code: bytes) -> None:
    """Write a file of code as a whole or not at all."""
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
    """Print a line to standard error, the first of its kind in this process."""
    kind = line.split(maxsplit=1)[0]
    if kind not in _said and sys.stderr is not None:
        _said.add(kind)
        print(line, file=sys.stderr, flush=True)
