"""Try many cases of each kind, or of those that are named: ``python -m tests.fuzz --cases 20000 scenario log``."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz.kinds import kinds
from tests.fuzz.running import tried

KEPT = Path(__file__).resolve().parents[2] / "build" / "fuzz"


def main() -> int:
    """Try them, and print a line for each kind.

    Returns
    -------
    int
        1 if something failed.
    """
    known = kinds()
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(known)}; by default all")
    parser.add_argument("--cases", type=int, help="of each kind; by default as in the suite")
    parser.add_argument("--first", type=int, default=0, help="number of the first case, which is its seed")
    given = parser.parse_args()
    if unknown := set(given.kinds) - known.keys():
        parser.error(f"unknown kind {', '.join(sorted(unknown))}")
    failed = total = 0
    for kind in given.kinds or known:
        count, make = known[kind]
        with tempfile.TemporaryDirectory() as place:
            numbers = range(given.first, given.first + (given.cases or count))
            found = tried(kind, make, numbers, Path(place), KEPT)
        print(
            f"{kind:9} {len(numbers):7,} cases, {found.refused:7,} refused, {len(found.wrong):5,} failed; "
            f"slowest {found.slowest:5.2f} s, all {found.seconds:6.1f} s",
            flush=True,
        )
        for line in found.wrong[:20]:
            print(f"  {line}", flush=True)
        failed, total = failed + len(found.wrong), total + found.seconds
    print(f"{failed} failed; {total:.0f} s of the processor")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
