"""Origin of results for manifests: the command or call, and the commit.

Both are recorded as the user gave them or as git knows them, without any other path of the machine. A package built
from a checkout has its commit in a file that ``setup.py`` writes.
"""

import functools
import hashlib
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import sim

PROGRAM = "offhours"
GIT = ("git", "-c", "core.fsmonitor=false", "-C")
PART_OPTIONS = ("--stop-after", "--shard")  # a folder of a sweep may begin with these or a dry run: left out
COMMIT_FILE = "commit.txt"  # beside the code of a package that was built from a checkout

_calls: list[str] = []  # calls of the Python interface, the innermost last; also seen by threads that write for one


def provenance_facts() -> dict[str, str]:
    """Return the command or call and the commit, each empty if unknown, and the hash of the code."""
    return {"command": command(), "commit": commit(), "code_sha256": code_hash()}


def command() -> str:
    """Return the command line, or the call of the Python interface, that repeats this; empty if unknown."""
    if _calls:
        return _calls[-1]
    called = Path(sys.argv[0])
    if called.stem != PROGRAM and called.parts[-2:] != (Path(sim.__file__).parent.name, "__main__.py"):
        return ""
    words = [
        word for before, word in pairwise(("", *sys.argv[1:]))
        if before not in PART_OPTIONS and word.partition("=")[0] not in ("--dry-run", *PART_OPTIONS)
    ]  # fmt: skip
    return shlex.join([PROGRAM, *words]).encode(errors="backslashreplace").decode()


@contextmanager
def recording_call(line: str) -> Iterator[None]:
    """Write this line of Python into manifests made inside the block; empty if no line repeats it."""
    _calls.append(line)
    try:
        yield
    finally:
        _calls.pop()


@functools.cache
def code_hash() -> str:
    """Hash all files of the package, except those that Python generates."""
    home, whole = Path(sim.__file__).parent, hashlib.sha256()
    for place, folders, names in os.walk(home):
        folders[:] = sorted(set(folders) - {"__pycache__"})
        for path in (Path(place, name) for name in sorted(names) if name[0] != "."):  # broken links of editors
            whole.update(f"{path.relative_to(home).as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


@functools.cache
def commit() -> str:
    """Return the commit of the checkout from which the code runs or was built, with a plus if the code differs."""
    code = Path(sim.__file__).parent
    if not (code.parent / ".git").exists():
        return (code / COMMIT_FILE).read_text(encoding="utf-8").strip() if (code / COMMIT_FILE).is_file() else ""
    head = _git(code, "rev-parse", "HEAD")
    return head and head + "+" * bool(_git(code, "status", "--porcelain", "--", "."))


def _git(folder: Path, *arguments: str) -> str:
    """Ask git; returns an empty string if it cannot answer."""
    try:
        asked = subprocess.run([*GIT, str(folder), *arguments], capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout.strip()
