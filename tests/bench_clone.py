"""What the bench measures outside this checkout: an older engine, and what a new user waits for in a fresh clone.

Both are of what is committed, not of what is being edited.
"""

import io
import json
import math
import os
import statistics
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
BEFORE = "4b73aeeb66cfd5a0f7374d19fc7f71b9df7d0dff"  # numbered columns and packed bits, the first model
SAME_WORK = 0.01  # share of messages by which two engines may differ and still be compared
TURNS = 3  # of each of the two engines
PEOPLE, WEEKS = 960, 20

DAY = """
import json, statistics, sys, time
from tests.bench import delivered, engine_of

first = {"first": True} if sys.argv[3] == "first" else {}  # which the older engine does not know
engine = engine_of(int(sys.argv[1]), **first)
engine.run_for(14)
seconds, messages = [], []
for _ in range(int(sys.argv[2])):
    begin = time.process_time()
    engine.run_for(7)
    seconds.append(time.process_time() - begin)
    messages.append(delivered(engine))
days = 7 * len(engine.people_agents)
print(json.dumps([1e6 * statistics.median(seconds) / days, statistics.median(messages) / days]))
"""


class Engines(NamedTuple):
    """Microseconds and messages of a person's day: the first model by an older engine and by today's, today's model."""

    before: tuple[float, float]
    today: tuple[float, float]
    model: tuple[float, float]


def against_before(folder: Path) -> Engines | None:
    """Run an older engine and that of the last commit in turns, or None where the history does not reach back."""
    before, today = folder / "before", folder / "today"
    for place, revision in ((before, BEFORE), (today, "HEAD")):
        tar = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=False)
        if tar.returncode:
            return None
        with tarfile.open(fileobj=io.BytesIO(tar.stdout)) as archive:
            archive.extractall(place, filter="data")
        _person_day(place, 1)  # compiles
    kinds = ((before, ""), (today, "first"), (today, ""))
    found = [[_person_day(place, WEEKS, model) for place, model in kinds] for _ in range(TURNS)]
    medians = [tuple(map(statistics.median, zip(*turns, strict=True))) for turns in zip(*found, strict=True)]
    return Engines(*((times, messages) for times, messages in medians))


def _person_day(place: Path, weeks: int, model: str = "") -> tuple[float, float]:
    """Measure an engine in a process of its own."""
    own = os.environ | {"PYTHONPATH": str(place), "OFFHOURS_CACHE": str(place / "cache")}
    command = [sys.executable, "-c", DAY, str(PEOPLE), str(weeks), model]
    done = subprocess.run(command, cwd=place, env=own, capture_output=True, text=True, check=True)
    microseconds, messages = json.loads(done.stdout)
    return microseconds, messages


class CommandError(Exception):
    """A command failed, and what it printed."""


class Clone:
    """A fresh clone of what is committed, with a home of its own: no package, cache or compiled engine is there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder / "clone", folder / "home"
        self.home.mkdir()
        kept = {name: text for name, text in os.environ.items() if name.startswith(("PIP_", "SSL_")) or name == "PATH"}
        self.environment = kept | {"HOME": str(self.home)}
        self.command("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(self.folder), place=folder)

    def command(self, *words: str, place: Path | None = None) -> float:
        """Seconds by the clock that a command takes; one that fails is a ``CommandError``."""
        begin = time.perf_counter()
        done = subprocess.run(
            words, cwd=place or self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        seconds = time.perf_counter() - begin
        if done.returncode:
            raise CommandError(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout[-2_000:]}{done.stderr}")
        return seconds

    def scenario(self) -> tuple[float, float]:
        """Seconds of the README's first command, and of the same once more."""
        return self.command("make", "scenario", "SCENARIO=pilot_ban"), self.command(
            "make", "scenario", "SCENARIO=pilot_ban"
        )

    def suite(self) -> float:
        """Seconds of the README's second command, with the installing of what tests need."""
        return self.command("make", "test")

    def wheel(self) -> tuple[float, int]:
        """Seconds of a first small run from a wheel in an environment of its own, and the files it has compiled."""
        self.command("make", "wheel")
        wheel, place = next((self.folder / "dist").glob("*.whl")), self.home / "environment"
        self.command(str(self.folder / ".venv/bin/python"), "-m", "venv", str(place))
        self.command(str(place / "bin/pip"), "install", "--quiet", str(wheel))
        cache = self.home / "compiled"
        self.environment["OFFHOURS_CACHE"] = str(cache)
        small = ("--people", "60", "--years", "0.7", "--replicates", "2", "--no-figures")
        seconds = self.command(str(place / "bin/offhours"), "run", "pilot_ban", *small, place=self.home)
        return seconds, sum(path.is_file() for path in cache.rglob("*")) if cache.exists() else 0


def ratio(found: Engines | None) -> float:
    """Time against the older engine, a person's day or a message, whichever is more; not a number without it.

    Rules that were mended since move the number of messages a little; more than ``SAME_WORK`` is other work.
    """
    if not found or abs(found.today[1] / found.before[1] - 1.0) > SAME_WORK:
        return math.nan
    day, message = found.today[0] / found.before[0], found.before[1] / found.today[1]
    return day * max(1.0, message)
