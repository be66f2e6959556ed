"""Faults planted in the engine, each of which ``verify`` must find.

A fault is a changed piece of a function's source, put in the place of the function wherever the engine knows it. Those
of ``COMPILED`` functions need ``NUMBA_DISABLE_JIT=1``: ``python -m tests.faults`` plants them one by one, and prints
for each the first claim that does not hold.
"""

import inspect
import itertools
import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple

from sim.verify import Claim, claims_in_process

PEOPLE, DAYS, FIRM = 20, 3, 5  # so small that it takes a second without compilation
NEVER_COMPILED = ("policy", "model")  # modules whose functions call the compiled ones


class Fault(NamedTuple):
    """A wrong piece of the engine's source, and the claim that it breaks."""

    claim: str
    place: str  # module and function
    right: str
    wrong: str


FAULTS = {
    "the last member of a chat gets no message": Fault(
        "engine", "delivery.bring", "range(first, last)", "range(first, last - (to < 0))"
    ),
    "a message comes twice": Fault("engine", "delivery.bring", "range(first, last)", "(*range(first, last), first)"),
    "a message reaches the person in the next seat": Fault("engine", "delivery.bring", "else k", "else max(k - 1, 0)"),
    "a message that was held gets lost": Fault("engine", "delivery.hand_out", "bring(", "n > base and bring("),
    "a message changes its channel on the way": Fault(
        "engine", "delivery.deliver", "at = (sent", "message.channel |= int(message.channel < 6)\n        at = (sent"
    ),
    "a message that was written is not sent": Fault(
        "accounts", "day.take_turns", "range(tally.notes)", "range(tally.notes - (person.wake % 5 == 0))"
    ),
    "a message is sent by no channel": Fault(
        "accounts", "messages.send", "sent_by[channel] += 1", "sent_by[channel] += channel != 1"
    ),
    "a message is read and not counted": Fault(
        "accounts", "reading.handle", "ledger.read += 1", "ledger.read += message.kind & 1"
    ),
    "seconds of work are not booked": Fault(
        "accounts", "messages.spend", "[what] += seconds", "[what] += seconds // 60 * 60"
    ),
    "work that was done vanishes": Fault(
        "accounts", "tasks.complete", "person, left - late", "person, left - late - 1"
    ),
    "a finished task is not counted": Fault("accounts", "tasks.complete", "tasks_done += 1", "tasks_done += left & 1"),
    "an answer unblocks nothing": Fault("accounts", "questions.answered", "unblocked += 1", "unblocked += 0"),
    "a draw depends on those before it": Fault("split", "tasks.arrivals", "< rate", "< rate * (next(DRAWN) // 400)"),
    "a rule holds for firms out of its scope": Fault(
        "scope", "policy.plan", "np.flatnonzero(pattern)", "np.flatnonzero(patterns.any(axis=0))"
    ),
    "an announcement is a reminder": Fault(
        "placebo", "policy.row_of", "row = np.zeros(len(R))", "row = 1.0 * bool(held) * (np.arange(len(R)) == R.nudge)"
    ),
    "a rule holds before it begins": Fault(
        "beginning", "policy.strength_on", "not start <= day", "not start - 1 <= day"
    ),
    "a snapshot forgets how far tasks are": Fault(
        "restart", "model.Workplace.snapshot", "array.copy()",
        '(copy := array.copy(), name == "person" and copy["tasks"].__setitem__("done", 0))[0]',
    ),
}  # fmt: skip


@contextmanager
def planted(fault: Fault) -> Iterator[None]:
    """Put a faulty function in the place of the right one wherever the package knows it, for a while."""
    stem, *names = fault.place.split(".")
    module = import_module("sim.model" if stem == "model" else f"sim.engine.{stem}")
    owner: Any = getattr(module, names[0]) if names[1:] else module
    function = getattr(owner, names[-1])
    source = textwrap.dedent(inspect.getsource(function))
    assert fault.right in source, fault
    scope: dict[str, Any] = {**vars(module), "DRAWN": itertools.count()}
    exec(source.replace(fault.right, fault.wrong), scope)
    owners = [owner] if names[1:] else [each for name, each in sys.modules.items() if name.startswith("sim.")]
    owners = [each for each in owners if vars(each).get(names[-1]) is function]
    for each in owners:
        setattr(each, names[-1], scope[names[-1]])
    try:
        yield
    finally:
        for each in owners:
            setattr(each, names[-1], function)


IN_PYTHON = {name: fault for name, fault in FAULTS.items() if fault.place.split(".")[0] in NEVER_COMPILED}
COMPILED = {name: fault for name, fault in FAULTS.items() if name not in IN_PYTHON}


def found(faults: Mapping[str, Fault]) -> dict[str, str]:
    """Plant each fault and name the first claim that does not hold, ``""`` if all do."""
    return {name: next(broken(fault), "") for name, fault in faults.items()}


def broken(fault: Fault) -> Iterator[str]:
    """Name the claims that do not hold while a fault is planted."""
    with planted(fault):
        yield from (claim.name for claim in claims() if claim.broken)


def claims() -> Iterator[Claim]:
    """Test the claims of an economy in which each of the faults shows."""
    return claims_in_process(PEOPLE, DAYS, FIRM)


def unfounded(faults: Mapping[str, Fault]) -> list[str]:
    """Name the claims that do not hold without a fault, up to the last one that one of them breaks."""
    awaited, wrong = {fault.claim for fault in faults.values()} - {"engine"}, []
    for claim in claims():
        wrong += [claim.name] * bool(claim.broken)
        awaited.discard(claim.name)
        if not awaited:
            break
    return wrong


if __name__ == "__main__":
    print(json.dumps([unfounded(COMPILED), found(COMPILED)]))
