"""The world outside: who writes when, by which way it comes in, and what an answer is worth."""

from typing import TYPE_CHECKING

from sim.core import draws
from sim.core.columns import IM, MAIL, OFFICE, QUESTION, SENT, SHADOW
from tests.twin import hours, post, rules, work
from tests.twin.chance import child, happens, lognormal, uniform
from tests.twin.things import DAY, NEVER, Message

if TYPE_CHECKING:
    from tests.twin.person import Person


def expect(person: "Person", day: int) -> None:
    """The traffic of the day, and the first message of it."""
    person.outside_rate = rules.outside_rate(
        person.model.q, person.role, person.volume, free_day=not person.model.works(day)
    )
    person.outside_passed = 0.0
    person.outside_number = 0
    person.outsider = NEVER
    if person.outside_rate > 0.0:
        expect_next(person, day)


def expect_next(person: "Person", day: int) -> None:
    person.outside_number += 1
    u = uniform(person.day_key, draws.OUTSIDER + person.outside_number)
    person.outside_passed += rules.outside_gap(person.outside_rate, u)
    hour = (
        rules.outside_hour(person.model.q, person.role, person.outside_passed) if person.outside_passed < 1.0 else 0.0
    )
    person.outsider = day * DAY + int(3_600 * hour) if person.outside_passed < 1.0 else NEVER


def write(person: "Person") -> None:
    """The outsider who is due writes, and the next is fixed."""
    q, second = person.model.q, person.outsider
    key = child(person.day_key, draws.OUTSIDER_KEY + person.outside_number)
    expect_next(person, second // DAY)
    message = Message(key, key, None, person, QUESTION, second, urgent=happens(q.urgent_share, key, draws.URGENT))
    message.channel = IM
    if happens(q.outside_private, key, draws.OUTSIDER_PRIVATE):
        message.channel = SHADOW
    elif happens(q.outside_mail, key, draws.OUTSIDER_MAIL):
        message.channel = MAIL
    message.due = second
    if person.rule.in_force > 0.0:
        come_in(message)
    if message.channel == post.NONE:
        person.count("outside_shut_out")
        return
    message.length = int(1_000.0 * lognormal(1.0, q.handling_sigma, key, draws.READING))
    person.firm.log(SENT, person, second, message)
    person.firm.outbox.append(message)


def come_in(message: Message) -> None:
    """Past the rules: a private channel instead, or later, or by another channel."""
    person, q, own = message.to, message.to.model.q, message.channel
    still = hours.quiet(person, message.sent)

    def leads(channel: int, quiet: bool) -> bool:
        return post.closure(person, channel, quiet) == 0.0 or not post.keeps_to(person, channel, quiet)

    held = own != SHADOW and still and happens(person.rule.hold, message.key, draws.HELD)
    if leads(own, still) and not held:
        return
    if own != SHADOW and leads(SHADOW, still) and happens(q.outside_moves, message.key, draws.OUTSIDER_MOVES):
        person.count("outside_moved")
        message.channel = SHADOW
        return
    message.channel = rules.outsiders_channel(
        own, leads(own, False), leads(MAIL, False), leads(IM, False), leads(SHADOW, False)
    )
    if message.channel != post.NONE and (held or not leads(message.channel, still)):
        message.due = hours.quiet_end(person, message.sent)


def serve(answer: Message) -> None:
    """An answer leaves the firm: its worth, less the custom that was lost by waiting."""
    person, q = answer.sender, answer.sender.model.q
    waited = answer.due - answer.outside
    worth = int(60 * q.outside_worth)
    kept = int(worth * rules.custom_kept(q, person.role, answer.channel, waited / 3_600))
    person.count("outside_answered")
    person.count("outside_wait_seconds", waited)
    person.count("outside_lost_seconds", worth - kept)
    person.count("arrived_work_seconds", kept)
    hours_of = "contract" if not person.outside(answer.sent) else "recorded" if person.place == OFFICE else "latent"
    work.book_output(person, kept, {"contract": 0, "recorded": 0, "latent": 0, hours_of: 1})
