"""Refuse addresses and machine paths that have no place in the tracked files.

Requirements and build files name packages, never where they come from; no tracked text names a
folder of somebody's machine. Prints each offence as ``file:line: text`` and exits with 1 if there is one.
"""

import re
import subprocess
import sys
from pathlib import Path

ADDRESS = re.compile(r"://|--(extra-)?index-url|--find-links")
MACHINE_PATH = re.compile(r"(?<![\w./~}-])/(?:work|root|home|Users|tmp)/\w")
NAMES_PACKAGES = re.compile(r"requirements[\w-]*\.(txt|in)|pyproject\.toml|Makefile|\.ci/.*")
LOCKS_WITH_ADDRESSES = {"uv.lock", "pylock.toml", "poetry.lock", "pdm.lock"}


def offences(name: str, text: str) -> list[str]:
    """List what one file may not contain."""
    if name.rsplit("/", 1)[-1] in LOCKS_WITH_ADDRESSES:
        return [f"{name}: a lock file of this kind holds addresses"]
    patterns = [MACHINE_PATH, ADDRESS] if NAMES_PACKAGES.fullmatch(name) else [MACHINE_PATH]
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for number, line in enumerate(text.splitlines(), start=1)
        if any(pattern.search(line) for pattern in patterns)
    ]


def tracked_texts(root: Path) -> list[tuple[str, str]]:
    """Read the tracked files that are there and are text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True).stdout
    contents = [(name, (root / name).read_bytes()) for name in listed.split("\0") if (root / name).is_file()]
    return [(name, content.decode(errors="replace")) for name, content in contents if b"\0" not in content]


def main() -> int:
    """Print the offences of all tracked files; 1 if there are any."""
    found = [offence for name, text in tracked_texts(Path.cwd()) for offence in offences(name, text)]
    print("\n".join(found) or "No stray address or machine path.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
