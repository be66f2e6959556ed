"""Who gets a message, at the bounds of time: rules of the engine asked one by one, as plain functions."""

import pytest

from sim.core.columns import CHATTER, MAIL
from sim.core.units import DAY
from sim.engine.delivery import bring
from sim.engine.records import table
from sim.engine.state import MESSAGE, named
from sim.model import Workplace
from tests.worlds import made, tiny

HIRED = 5  # day on which the recipient took the seat


def brought(model: Workplace, sent: int) -> tuple[int, int]:
    """Bring a message to somebody who took the seat on a day; give how many were cleared and received."""
    w, recipient = model.world, model.world.person[3]
    recipient.hired = HIRED
    message = table(1, MESSAGE)[0]
    message.key = message.thread = sent
    message.sender, message.to, message.kind, message.channel, message.sent = 2, 3, CHATTER, MAIL, sent
    bring(w, named(model.parameters)[0], message, sent + 60, False)
    return int(recipient.ledger.cleared_held), int(recipient.ledger.received)


@pytest.mark.parametrize(
    ("sent", "cleared"), [(0, 1), (HIRED * DAY - 1, 1), (HIRED * DAY, 0), (HIRED * DAY + 1, 0), (9 * DAY, 0)]
)
def test_what_was_sent_before_a_seat_was_taken_is_cleared(sent: int, cleared: int) -> None:
    assert brought(made(tiny(), firms=[0]), sent) == (cleared, 1 - cleared)
