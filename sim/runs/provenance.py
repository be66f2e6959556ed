"""By which command and from which commit results were made: facts for manifests.

Both are as the user gave them or as git knows them; no other path of the machine is among them.
"""

import functools
import shlex
import subprocess
import sys
from pathlib import Path

import sim

PROGRAM = "offhours"
GIT = ("git", "-c", "core.fsmonitor=false", "-C")


def made_by() -> dict[str, str]:
    """Return the command line and the commit, each empty where there is none."""
    return {"command": command(), "commit": commit()}


def command() -> str:
    """Return the command line as it can be given again; empty if Python code called, which the manifest cannot know."""
    called = Path(sys.argv[0])
    if called.stem != PROGRAM and called.parts[-2:] != (Path(sim.__file__).parent.name, "__main__.py"):
        return ""
    return shlex.join([PROGRAM, *sys.argv[1:]])


@functools.cache
def commit() -> str:
    """Return the commit of the checkout that the code runs from, with a plus if the code differs from it."""
    code = Path(sim.__file__).parent
    if not (code.parent / ".git").exists():
        return ""
    head = _git(code, "rev-parse", "HEAD")
    return head and head + "+" * bool(_git(code, "status", "--porcelain", "--", "."))


def _git(folder: Path, *arguments: str) -> str:
    """Ask git; empty if it cannot answer."""
    try:
        asked = subprocess.run([*GIT, str(folder), *arguments], capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout.strip()
