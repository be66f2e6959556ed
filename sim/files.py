"""Files that are written whole and read checked; every file that the package stores goes through here.

A file is written under another name in its folder, synced, renamed, and its folder synced: whatever fails on the way,
what was there before stays. Tables and JSON carry their own SHA-256: a table under the key ``sha256`` of its Parquet
metadata, over all bytes of the file with the 64 digits of that value taken as zeros; JSON under the key ``checksum``,
over everything else in it, with sorted keys. Any reader of Parquet or JSON reads them as ever.
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

from sim.errors import ResultsError

SEAL = "checksum"  # in JSON
MARK = b"sha256\x18\x40"  # the key and, in Parquet's footer, the type and length of the value that follows
BLANK = b"0" * 64
CHUNK = 1 << 20  # bytes that are read at once
DRAFT = re.compile(r"\.draft-(?P<host>.+)-(?P<process>[0-9]{1,9})-[0-9a-f]{8}")

type Table = pl.DataFrame | pl.LazyFrame


class Damaged(ResultsError):
    """A stored file is not as it was written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)  # as it is made anew in another process
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path} is damaged: {self.reason}"


@contextmanager
def without_panics() -> Iterator[None]:
    """Keep off standard error what a library in Rust prints before its panic is raised as an error.

    Yields
    ------
    None
        Nothing.
    """
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
    """Add to what is found to be damaged what to do.

    Parameters
    ----------
    advice : str
        A clause.

    Yields
    ------
    None
        Nothing.

    Raises
    ------
    Damaged
        The same, with the advice.
    """
    try:
        yield
    except Damaged as error:
        raise Damaged(error.path, f"{error.reason}; {advice}") from error


class Draft:
    """A file that is being written: everything that is stored passes through ``write``.

    Parameters
    ----------
    handle : int
        Of the open file.
    """

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self.digest = hashlib.sha256()
        self.error: OSError | None = None  # libraries that write here lose it on the way

    def write(self, content: bytes) -> int:
        """Write all of some bytes.

        Parameters
        ----------
        content : bytes
            The bytes.

        Returns
        -------
        int
            How many they were.

        Raises
        ------
        OSError
            As the system says.
        """
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
        """Keep nothing back."""

    def table(self, table: Table, metadata: Mapping[str, str], level: int | None) -> str:
        """Write a table and put the checksum of the file into it."""
        told = {**metadata, "sha256": BLANK.decode()}
        here = cast(IO[bytes], self)
        try:
            if isinstance(table, pl.LazyFrame):
                table.sink_parquet(here, compression="zstd", compression_level=level, metadata=told)
            else:
                table.write_parquet(here, compression="zstd", compression_level=level, metadata=told)
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
    """Give a name of what is being written, which tells whose it is.

    Returns
    -------
    str
        Host, process, and a part that is never the same.
    """
    return f".draft-{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def write[T](path: Path, fill: Callable[[Draft], T], lasting: bool = True) -> T:
    """Write a file whole or not at all.

    Parameters
    ----------
    path : Path
        Its place, whose folder is made if it is missing; whatever lies there is replaced.
    fill : Callable[[Draft], T]
        Writes it.
    lasting : bool
        Whether it shall be on disk in the end; not so for what is used at once and removed.

    Returns
    -------
    T
        What ``fill`` gives. An error of the system, as of a full disk, comes up as it is.
    """
    draft = path.parent / draft_name()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = _begun(draft)
        except FileNotFoundError:  # the folder was empty and has just been removed
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
    """Open a new file that others may read and not write."""
    return os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)


def sync(folder: Path) -> None:
    """Make sure that the names in a folder are on disk.

    Parameters
    ----------
    folder : Path
        The folder.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Write a text whole or not at all.

    Parameters
    ----------
    path : Path
        Its place.
    text : str
        What it says, in UTF-8.
    """
    write(path, lambda draft: draft.write(text.encode()))


def write_json(
    path: Path, content: Mapping[str, Any], written: Callable[[Mapping[str, Any]], str] = json.dumps
) -> dict[str, Any]:
    """Write JSON with its checksum, whole or not at all.

    Parameters
    ----------
    path : Path
        Its place.
    content : Mapping[str, Any]
        What it says; what JSON does not know is written as text.
    written : Callable[[Mapping[str, Any]], str]
        How it is laid out.

    Returns
    -------
    dict[str, Any]
        What a reader will find.
    """
    plain = json.loads(json.dumps(content, default=str))
    plain[SEAL] = _digest(plain)
    write_text(path, f"{written(plain)}\n")
    return cast(dict[str, Any], plain)


def _digest(content: Mapping[str, Any]) -> str:
    """Hash what JSON says, whatever its layout."""
    rest = {key: value for key, value in content.items() if key != SEAL}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def read_json(path: Path) -> dict[str, Any]:
    """Read JSON that ``write_json`` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict[str, Any]
        What it says; a file that is missing, or cannot be read, comes up as the system says.

    Raises
    ------
    Damaged
        If it is not as it was written.
    """
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
    """Write a table as Parquet with its checksum, whole or not at all.

    Parameters
    ----------
    path : Path
        Its place.
    table : Table
        The table; one that is not computed yet is computed and written bit by bit.
    metadata : Mapping[str, str] | None
        What else the file says of itself.
    level : int | None
        Of compression; by default the library's.
    lasting : bool
        As for ``write``.

    Returns
    -------
    str
        Its checksum.
    """
    return write(path, lambda draft: draft.table(table, metadata or {}, level), lasting)


def read_table(path: Path) -> pl.DataFrame:
    """Read a table that ``write_table`` wrote.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    pl.DataFrame
        The table; a file that is missing, or cannot be read, comes up as the system says.

    Raises
    ------
    Damaged
        If it is not as it was written.
    """
    checked(path)
    try:
        return pl.read_parquet(path, glob=False, hive_partitioning=False)
    except pl.exceptions.PolarsError as error:
        raise Damaged(path, str(error).splitlines()[0]) from error


def checked(path: Path) -> str:
    """Make sure that a table is as it was written.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Its checksum.

    Raises
    ------
    Damaged
        If it is not.
    """
    found = seal_of(path)
    if found is None:
        raise Damaged(path, "it carries no checksum, or was written by an older version")
    said, is_so = found
    if said != is_so:
        raise Damaged(path, "its checksum differs from its content")
    return said


def seal_of(path: Path) -> tuple[str, str] | None:
    """Read the checksum that a table carries, and take the one that it has.

    Parameters
    ----------
    path : Path
        A file.

    Returns
    -------
    tuple[str, str] | None
        Both; None if it carries none, as a table from elsewhere.
    """
    with _opened(path) as file:
        at = _place_of_seal(file.fileno())
        if at is None:
            return None
        digest, left = hashlib.sha256(), at
        while left:
            chunk = file.read(min(left, CHUNK))
            if not chunk:
                return None  # cut short meanwhile
            digest.update(chunk)
            left -= len(chunk)
        said = file.read(len(BLANK))
        digest.update(BLANK)
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return said.decode("ascii", "replace"), digest.hexdigest()


def _place_of_seal(handle: int) -> int | None:
    """Find the checksum in the footer of a Parquet file, which its last eight bytes tell the length of."""
    size = os.fstat(handle).st_size
    end = os.pread(handle, 8, max(size - 8, 0))
    length = int.from_bytes(end[:4], "little")
    if end[4:] != b"PAR1" or length > size - 8:
        return None
    start = size - 8 - length
    at = os.pread(handle, length, start).rfind(MARK)
    return start + at + len(MARK) if 0 <= at <= length - len(MARK) - len(BLANK) else None


def _opened(path: Path) -> IO[bytes]:
    """Open a stored file; a link or a pipe in its place is refused."""
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
    """Find a file that another file names, which must lie in the same folder and be reached without links.

    Parameters
    ----------
    folder : Path
        The folder.
    name : str
        Path below it, as it was read.

    Returns
    -------
    Path
        The file, which need not be there.

    Raises
    ------
    Damaged
        If the name leads elsewhere.
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
    """Remove what processes of this machine that are gone were writing.

    Parameters
    ----------
    folder : Path
        The folder.
    below : bool
        Whether to look into its subfolders too.
    """
    for path in folder.rglob(".draft-*") if below else folder.glob(".draft-*"):
        named = DRAFT.fullmatch(path.name)
        if named and named["host"] == socket.gethostname() and not alive(int(named["process"])):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with suppress(OSError):
                    path.unlink(missing_ok=True)


def alive(process: int, born: int | None = None) -> bool:
    """Tell whether a process of this machine is running.

    Parameters
    ----------
    process : int
        Its number.
    born : int | None
        When it started, as from ``birth``; numbers are used again.

    Returns
    -------
    bool
        True if it is.
    """
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    now = birth(process)
    return now != 0 and (born is None or now == born)


def birth(process: int) -> int:
    """Tell when a process started.

    Parameters
    ----------
    process : int
        Its number.

    Returns
    -------
    int
        Ticks since the machine started; 0 if it has ended, 1 where the system does not tell.
    """
    try:
        state, *rest = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0 if Path("/proc/self/stat").exists() else 1
    except OSError:
        return 1
    return 0 if state in "ZX" else int(rest[18])
