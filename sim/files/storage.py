"""Atomic writes and verified reads; every file that the package stores passes through this module.

A file is written under a temporary name, synced and renamed, so a failure leaves the previous file intact. Each carries
its SHA-256: a table under the key ``sha256`` of its Parquet metadata, computed over the whole file with the 64 digits
of that value set to zeros; JSON under the key ``checksum``, computed over all other keys, sorted.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import socket
import stat
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

import polars as pl

from sim.core.errors import ResultsError

SEAL = "checksum"  # in JSON
MARK = b"sha256\x18\x40"  # key, followed in the Parquet footer by type and length of the value
BLANK = b"0" * 64
CHUNK = 1 << 20  # bytes read at once
DRAFT = re.compile(r"\.draft-(?P<here>.+)-(?P<process>[0-9]{1,9})-[0-9a-f]{8}")

type Table = pl.DataFrame | pl.LazyFrame


class Damaged(ResultsError):
    """A stored file differs from what was written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)  # needed for unpickling in another process
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} is damaged: {self.reason}"


@contextmanager
def without_panics() -> Iterator[None]:
    """Silence standard error at file-descriptor level: a Rust library prints its panic before it raises it."""
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def advising(advice: str) -> Iterator[None]:
    """Append advice, a clause, to the reason of any ``Damaged`` error raised in the block."""
    try:
        yield
    except Damaged as error:
        raise Damaged(error.path, f"{error.reason}; {advice}") from error


@contextmanager
def writing(path: Path, more: str = "") -> Iterator[None]:
    """Turn an ``OSError`` of the block into a ``ResultsError`` that ends with ``more``.

    It says "cannot write ...", or that a file is where a folder is needed.

    A path that is not in UTF-8 is refused before, for Polars could not read what is there.
    """
    if any("\udc80" <= sign <= "\udcff" for sign in str(path.absolute())):
        raise ResultsError(f"cannot write {path}: is not text in UTF-8")
    try:
        yield
    except OSError as error:
        if isinstance(error, FileExistsError | NotADirectoryError):
            for each in (path, *path.parents):
                if each.is_file():
                    raise ResultsError(f"{each} is a file; a folder is needed there") from error
        raise ResultsError(f"cannot write {path}: {error.strerror or error}{more}") from error


class Draft:
    """A file being written, given by its descriptor; it hashes every byte that passes through ``write``."""

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self.digest = hashlib.sha256()
        self.error: OSError | None = None  # Polars would lose it

    def write(self, content: bytes) -> int:
        """Write all bytes and return their number; an ``OSError`` is also kept, since Polars would replace it."""
        rest = memoryview(content).cast("B")
        try:
            while rest:
                rest = rest[os.write(self.handle, rest) :]
        except OSError as error:
            self.error = self.error or error
            raise
        self.digest.update(content)
        return len(content)

    def flush(self) -> None:
        """Do nothing: writes are not buffered."""

    def table(self, table: Table, metadata: Mapping[str, str], level: int | None) -> str:
        """Write a table, then patch the checksum of the file into its metadata and return it."""
        known = {**metadata, "sha256": BLANK.decode()}
        here = cast(IO[bytes], self)
        try:
            if isinstance(table, pl.LazyFrame):
                table.sink_parquet(here, compression="zstd", compression_level=level, metadata=known)
            else:
                table.write_parquet(here, compression="zstd", compression_level=level, metadata=known)
        except pl.exceptions.PolarsError:
            if self.error:
                raise self.error from None
            raise
        seal, at = self.digest.hexdigest(), _place_of_seal(self.handle)
        if at is None:
            raise RuntimeError("the table's library has written no metadata")
        if os.pwrite(self.handle, seal.encode(), at) != len(seal):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return seal


def draft_name() -> str:
    """Return a unique temporary name with host, container and process, so that abandoned drafts can be recognised."""
    return f".draft-{here()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def here() -> str:
    """Name the host and, on Linux, the container: in another one, numbers of processes mean others."""
    with suppress(OSError):
        return f"{socket.gethostname()}-{os.stat('/proc/self/ns/pid').st_ino}"
    return socket.gethostname()


def write[T](path: Path, fill: Callable[[Draft], T], lasting: bool = True) -> T:
    """Write a file atomically by calling ``fill``, and return what ``fill`` returns.

    Missing parent directories are created and an existing file is replaced. ``lasting=False`` skips syncing, for files
    that are removed soon or synced later. An ``OSError``, such as a full disk, is passed on.
    """
    draft = path.parent / draft_name()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = _begun(draft)
        except FileNotFoundError:  # an empty folder may have been removed meanwhile
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = _begun(draft)
        try:
            found = fill(Draft(handle))
            if lasting:
                os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(draft, path)
        if lasting:
            sync(path.parent)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return found


def _begun(draft: Path) -> int:
    """Create a new file, readable by others but writable only by the owner."""
    return os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)


def sync(folder: Path) -> None:
    """Flush a directory to disk, so that renames in it survive a crash."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str, lasting: bool = True) -> None:
    """Write text atomically as UTF-8; for ``lasting`` see ``write``."""
    write(path, lambda draft: draft.write(text.encode()), lasting)


def write_json(
    path: Path,
    content: Mapping[str, Any],
    written: Callable[[Mapping[str, Any]], str] = json.dumps,
    lasting: bool = True,
) -> dict[str, Any]:
    """Write a JSON object atomically with its checksum, and return it as a reader will find it.

    Values unknown to JSON are stored as strings. ``written`` serialises the object and controls only the layout.
    """
    plain = json.loads(json.dumps(content, default=str))
    plain[SEAL] = _digest(plain)
    write_text(path, f"{written(plain)}\n", lasting)
    return cast(dict[str, Any], plain)


def _digest(content: Mapping[str, Any]) -> str:
    """Hash a JSON object independently of its layout."""
    rest = {key: value for key, value in content.items() if key != SEAL}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """Read a file of ``write_json``; raises ``Damaged`` if it was altered, ``OSError`` if it cannot be read."""
    with _opened(path) as file:
        text = file.read()
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Damaged(path, "it is not JSON") from error
    if not isinstance(content, dict) or SEAL not in content:
        raise Damaged(path, "it carries no checksum, or was written by an older version")
    if content[SEAL] != _digest(content):
        raise Damaged(path, "its checksum differs from its content")
    return content


def write_table(
    path: Path, table: Table, metadata: Mapping[str, str] | None = None, level: int | None = None, lasting: bool = True
) -> str:
    """Write a table atomically as Parquet with its checksum, and return the checksum; lazy tables are streamed.

    ``level`` is the compression level of zstd; for ``lasting`` see ``write``.
    """
    return write(path, lambda draft: draft.table(table, metadata or {}, level), lasting)


def read_table(path: Path, seal: str = "") -> pl.DataFrame:
    """Read a file of ``write_table``; raises ``Damaged`` if it was altered, ``OSError`` if it cannot be read.

    ``seal`` is the checksum that the file must have, if another file names it.
    """
    checked(path, seal)
    try:
        return pl.read_parquet(path, glob=False, hive_partitioning=False)
    except pl.exceptions.PolarsError as error:
        raise Damaged(path, str(error).splitlines()[0]) from error


def checked(path: Path, seal: str = "") -> str:
    """Verify the checksum of a table and return it; raises ``Damaged`` if it is wrong, missing or not ``seal``."""
    found = seal_of(path)
    if found is None:
        raise Damaged(path, "it carries no checksum, or was written by an older version")
    said, is_so = found
    if said != is_so:
        raise Damaged(path, "its checksum differs from its content")
    if seal and said != seal:
        raise Damaged(path, "its checksum differs from the manifest's")
    return said


def seal_of(path: Path) -> tuple[str, str] | None:
    """Return the checksum stored in a Parquet file and the one computed from its bytes; None if it carries none."""
    with _opened(path) as file:
        at = _place_of_seal(file.fileno())
        if at is None:
            return None
        digest, left = hashlib.sha256(), at
        while left:
            chunk = file.read(min(left, CHUNK))
            if not chunk:
                return None  # truncated meanwhile
            digest.update(chunk)
            left -= len(chunk)
        said = file.read(len(BLANK))
        digest.update(BLANK)
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return said.decode("ascii", "replace"), digest.hexdigest()


def _place_of_seal(handle: int) -> int | None:
    """Return the offset of the checksum in a Parquet footer, whose length is in the last eight bytes of the file."""
    size = os.fstat(handle).st_size
    end = os.pread(handle, 8, max(size - 8, 0))
    length = int.from_bytes(end[:4], "little")
    if end[4:] != b"PAR1" or length > size - 8:
        return None
    start = size - 8 - length
    at = os.pread(handle, length, start).rfind(MARK)
    return start + at + len(MARK) if 0 <= at <= length - len(MARK) - len(BLANK) else None


def _opened(path: Path) -> IO[bytes]:
    """Open a stored file for reading; links, pipes and devices raise ``Damaged``."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO):
            raise Damaged(path, "it is a link or no file") from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Damaged(path, "it is no file")
    return os.fdopen(handle, "rb")


def inside(folder: Path, name: str) -> Path:
    """Return the path of a file named by another file; raises ``Damaged`` if it leaves ``folder`` or passes a link.

    The file itself need not exist.
    """
    steps = PurePosixPath(name)
    if not steps.parts or steps.is_absolute() or ".." in steps.parts or "\0" in name:
        raise Damaged(folder, f"it names a file outside the folder, {name!r}")
    path = folder
    for step in steps.parts:
        path /= step
        if path.is_symlink():
            raise Damaged(path, "it is a link")
    return path


def drop_drafts(folder: Path, below: bool = False) -> None:
    """Delete drafts that dead processes of this machine left in a folder, and in its subfolders if ``below``."""
    for path in folder.rglob(".draft-*") if below else folder.glob(".draft-*"):
        named = DRAFT.fullmatch(path.name)
        if named and named["here"] == here() and not alive(int(named["process"])):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with suppress(OSError):
                    path.unlink(missing_ok=True)


def alive(process: int, born: int | None = None) -> bool:
    """Return whether a process of this machine runs; ``born`` (see ``birth``) guards against reused process IDs."""
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    now = birth(process)
    return now != 0 and (born is None or now == born)


def birth(process: int) -> int:
    """Return when a process started, in clock ticks since boot: 0 if it has ended, 1 where there is no ``/proc``."""
    try:
        state, *rest = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0 if Path("/proc/self/stat").exists() else 1
    except OSError:
        return 1
    return 0 if state in "ZX" else int(rest[18])
