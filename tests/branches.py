"""Count how often each branch of the engine is taken, and keep the shares for the compiler (``sim.core.branches``).

Counted are eight weeks of a small economy with today's rules, and with rules of two kinds.
"""

import json
import os
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numba.core.cgutils import ir
from numba.core.codegen import JITCodeLibrary

from sim.core import branches, compiled
from sim.files import storage

WORLDS, PEOPLE, WEEKS = ("status_quo", "quiet_hours", "full_ban"), 400, 8
LONG = ir.IntType(64)


def counting() -> list[tuple[str, np.ndarray]]:
    """Have what is compiled from now on count its branches: by function, (branches, 2), first those not taken."""
    found: list[tuple[str, np.ndarray]] = []

    def add_ir_module(self: Any, module: Any) -> None:
        for name, ends in branches.branches_of(module):
            counts = np.zeros((len(ends), 2), dtype=np.int64)
            found.append((name, counts))
            for number, end in enumerate(ends):
                builder = ir.IRBuilder(end.parent)
                builder.position_before(end)
                taken = builder.zext(end.operands[0], LONG)
                place = builder.add(LONG(counts[number].ctypes.data), builder.mul(taken, LONG(counts.itemsize)))
                counter = builder.inttoptr(place, LONG.as_pointer())
                builder.store(builder.add(builder.load(counter), LONG(1)), counter)
        JITCodeLibrary.add_ir_module(self, module)

    compiled._Library.add_ir_module = add_ir_module  # type: ignore[method-assign]
    return found


def share(forms: Sequence[np.ndarray]) -> list[int | None]:
    """Give the shares of the branches of a function from its counts; none if its forms have different branches."""
    if len({len(each) for each in forms}) > 1:
        return []
    return [
        round(branches.ALL * taken / (other + taken)) if other + taken else None
        for other, taken in np.sum(forms, axis=0)
    ]


def main() -> None:
    """Count, say how much has changed, and keep."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OFFHOURS_CACHE"] = folder  # machine code that counts is of no other use
        found = counting()
        from sim.model import Workplace  # after what counts is in place: a part is compiled here
        from sim.scenario.loading import load

        for name in WORLDS:
            scenario = load(name)
            run = scenario.run.model_copy(update={"people": PEOPLE, "warmup_days": 0, "settling_weeks": 0})
            model = Workplace(scenario.model_copy(update={"run": run}), parameters="point")
            model.run_for(7 * WEEKS)
    forms: dict[str, list[np.ndarray]] = {}
    for name, counts in found:
        forms.setdefault(name, []).append(counts)
    shares = {name: share(each) for name, each in sorted(forms.items())}
    shares = {name: each for name, each in shares.items() if any(part is not None for part in each)}
    before = branches.kept()
    fit = sum(len(each) for name, each in shares.items() if len(before.get(name, [])) == len(each))
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(each)}" for name, each in shares.items())
    storage.write_text(branches.FILE, f"{{\n{lines}\n}}\n")
    print(f"{sum(map(len, shares.values())):,} branches of {len(shares)} rules are kept; {fit:,} had a share before.")


if __name__ == "__main__":
    main()
