"""Who gets a message, what is kept back, what is spoken: rules of the engine asked one by one, as plain functions."""

from typing import Any

import pytest

from sim.core.columns import ASSIGNMENT, CALL, CHATTER, MAIL, OFFICE, QUESTION, STATUS_REQUEST
from sim.core.units import DAY, HOUR
from sim.engine import delivery, talking
from sim.engine.delivery import bring, put_in_inbox
from sim.engine.messages import join, note
from sim.engine.reading import can_be_done_now
from sim.engine.records import table
from sim.engine.self_interruption import put_off
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


@pytest.mark.smallworld
@pytest.mark.parametrize("loud", [True, False])
def test_what_comes_silently_alerts_nobody(loud: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a message that found no place among those held."""
    model, alerted = made(tiny(), firms=[0]), []
    monkeypatch.setattr(delivery, "alert", lambda *given: alerted.append(given))
    message = table(1, MESSAGE)[0]
    message.key, message.sender, message.to, message.kind, message.channel = 7, 2, 3, CHATTER, MAIL
    put_in_inbox(model.world, named(model.parameters)[0], model.world.person[3], message, 60, loud)
    assert len(alerted) == loud
    assert model.world.person[3].ledger.received == 1


@pytest.mark.smallworld
@pytest.mark.parametrize(("urgent", "free", "waits"), [(0, True, True), (1, True, False), (1, False, True)])
def test_the_order_just_noted_is_put_off_unless_it_is_urgent_and_may_be_written(
    urgent: int, free: bool, waits: bool
) -> None:
    """It is no more among the notes or counted as written, and will be written when its time comes; others stay."""
    model = made(tiny(), {"defer_share": 1.0, "lapse_share": 0.0}, firms=[0])
    w, p, person = model.world, named(model.parameters)[0], model.world.person[2]
    for key in (11, 12, 13):
        message = note(w, person, 3, ASSIGNMENT, key, key)
    message.urgent = urgent
    assert put_off(w, p, person, free) == waits
    left = [11, 12] if waits else [11, 12, 13]
    assert w.notes.key[: w.tally[0].notes].tolist() == left
    assert person.written == len(left)
    assert [(order.key, order.unread) for order in person.orders[: person.kept]] == [(13, 1)] * waits


@pytest.mark.parametrize(
    ("kind", "to", "steps", "together"),
    [
        (ASSIGNMENT, 4, 0, True),
        (STATUS_REQUEST, 4, 0, True),
        (QUESTION, 4, 0, False),  # each is waited for
        (CHATTER, 4, 0, False),
        (ASSIGNMENT, 5, 0, False),
        (ASSIGNMENT, 4, 2, False),
    ],
)
def test_orders_and_requests_to_the_same_people_go_together(kind: int, to: int, steps: int, together: bool) -> None:
    """They bring the work of both by the earlier date, and are urgent if one is; what differs stays as it is."""
    one, more = table(2, MESSAGE)
    one.kind, one.to, one.work, one.wanted, one.urgent = kind, 4, 600, 7 * DAY, 0
    more.kind, more.to, more.work, more.wanted, more.urgent, more.steps = kind, to, 300, 5 * DAY, 1, steps
    assert join(one, more) == together
    assert (one.work, one.wanted, one.urgent) == ((900, 5 * DAY, 1) if together else (600, 7 * DAY, 0))


@pytest.mark.smallworld
def test_what_is_spoken_hangs_on_nearness_and_closed_channels_and_on_nothing_where_no_talk_is_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody of another team and an open messenger count as 0; the least share of talk that is allowed is some."""
    model = made(tiny(), {"talk_allowed": 0.0005}, firms=[0])
    w, p, person = model.world, named(model.parameters)[0], model.world.person[2]
    asked: list[Any] = []
    monkeypatch.setattr(talking, "talk_chance", lambda p, *given: asked.append(given) or 1.0)
    monkeypatch.setattr(talking, "call_share", lambda p, *given: asked.append(given) or 1.0)
    for name in ("same_team", "outside"):
        monkeypatch.setattr(talking, name, lambda *_: False)
    w.person.place = OFFICE
    w.person.clock = 10 * HOUR
    assert talking.spoken_channel(w, p, person, 3, 5, 0) == CALL
    assert asked == [(0.0, 0.0, 0.0), (0.0,)]
    model.parameters[:] = made(tiny(), {"talk_allowed": 0.0}).parameters
    assert talking.spoken_channel(w, p, person, 3, 5, 0) == -1
    assert len(asked) == 2


@pytest.mark.smallworld
@pytest.mark.parametrize(("speed", "start", "clock", "fits"), [
    (0.5, 9, 14, False), (2.0, 9, 14, True),  # two hours of work before 17:00
    (0.5, 9, 23, True), (0.25, 9, 23, False),  # after the day's hours: before one gets up at 6:00
    (1.0, 17, 4, False), (1.5, 17, 4, True),  # a free day has no hours
])  # fmt: skip
def test_who_works_at_half_the_speed_needs_twice_the_time_to_do_an_order_at_home(
    speed: float, start: int, clock: int, fits: bool
) -> None:
    """It must be done before today's hours end, or before one gets up; at the very end it is too late."""
    model = made(tiny(), {"wake_clock": 6.0}, firms=[0])
    person = model.world.person[2]
    person.contract_start, person.contract_end = start * HOUR, 17 * HOUR
    person.speed, person.clock = speed, clock * HOUR
    assert can_be_done_now(named(model.parameters)[0], person, 2 * HOUR) == fits
