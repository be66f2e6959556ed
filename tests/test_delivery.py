"""Who gets a message, at the bounds of time: rules of the engine asked one by one, as plain functions."""

import numpy as np
import pytest

from sim.columns import CHATTER, MAIL, L, P
from sim.engine.delivery import bring
from sim.engine.state import DAY
from sim.model import Workplace
from tests.worlds import made, tiny

WHAT = CHATTER + 16 * MAIL
HIRED = 5  # day on which the recipient took the seat


def brought(model: Workplace, sent: int) -> tuple[int, int]:
    """Bring a message to somebody who took the seat on a day; give how many were cleared and received."""
    w, recipient, sender = model.world, 3, 2
    w.seat[recipient, P.hired] = HIRED
    key = np.uint64(sent)
    bring(
        w, model.parameters, sender, recipient, WHAT, sent, 0, 1_000, key, key, sent + 60, 0, np.uint64(0)
    )  # fmt: skip
    return int(w.ledger[recipient, L.cleared_held]), int(w.ledger[recipient, L.received])


@pytest.mark.parametrize(
    ("sent", "cleared"), [(0, 1), (HIRED * DAY - 1, 1), (HIRED * DAY, 0), (HIRED * DAY + 1, 0), (9 * DAY, 0)]
)
def test_what_was_sent_before_a_seat_was_taken_is_cleared(sent: int, cleared: int) -> None:
    assert brought(made(tiny(), firms=[0]), sent) == (cleared, 1 - cleared)
