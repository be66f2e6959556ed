"""What a message does to the person who gets it: alert, reading, answering, work that it brings."""

from typing import TYPE_CHECKING

from sim.core import draws
from sim.core.columns import (
    ANSWER,
    ANSWERED,
    ASSIGNMENT,
    BROADCAST,
    BURIED,
    CALL,
    CHANNELS,
    CHATTER,
    DELIVERED,
    GROUP,
    OFF,
    OFFICE,
    QUESTION,
    READ,
    STATUS_REQUEST,
    TALK,
    TOOL,
)
from tests.twin import hours, rules, talking, work, writing
from tests.twin.chance import child, happens, lognormal
from tests.twin.things import DAY, Chat, Later, Letter, Message
from tests.twin.work import book_output

if TYPE_CHECKING:
    from tests.twin.person import Person


def receive(person: "Person", message: Message, now: int, loud: bool) -> None:
    """Get a message on top of the inbox; if that is full, the oldest is buried."""
    out = person.inbox.push_out()
    if out is not None and out.open:
        out.open = False
        person.count("buried")
        person.firm.log(BURIED, person, now, out.message)
    letter = person.inbox.put(message, now)
    if message.kind == ANSWER and person.desk.waiting_for(message.thread) is not None:
        person.awaited = letter
    person.load += 1
    person.count("received")
    person.count("outside_received", int(message.sender is None))
    person.firm.log(DELIVERED, person, now, message)
    letter.counted = message.asks and counts(person, message, now)
    if person.outside(now):
        person.count("after_received")
        if message.asks:
            person.count("after_requests")
            person.requests += letter.counted
    if loud:
        notice(person, letter, now)
    if message.channel in (CALL, TALK) and person.model.q.talk_allowed > 0.0:
        heard = person.talking and person.alert is letter
        message.sender.count("missed", int(not heard))


def loudness(person: "Person", message: Message) -> float:
    """How strongly a message alerts."""
    q = person.model.q
    loud = person.model.intrusiveness[message.channel]
    if message.channel == TOOL:
        loud += person.rule.messenger * (q.intrusive_im - loud)
    if message.group:
        if message.channel != GROUP:
            loud *= min(1.0, q.intrusive_group / q.intrusive_im) if q.intrusive_im > 0.0 else 1.0
        loud *= 1.0 - person.muted
    return loud


def notice(person: "Person", letter: Letter, now: int) -> None:
    """A new message may interrupt work, or be seen and acted on after a while outside hours."""
    if person.alert is not None or person.clock > now:
        return
    if person.place != OFF:
        notice_at_work(person, letter, now)
    elif (
        person.outside(now)
        and now < person.bed
        and now % DAY >= 3_600 * person.model.q.wake_clock
        and hours.may_work_off(person, now)
    ):
        notice_when_off(person, letter, now)


def protected(person: "Person", now: int) -> bool:
    """Whether alerts are silent: in focus hours, and outside core hours if there are any."""
    rule, minute = person.rule, now % DAY / 60.0
    core = rule.core_from == rule.core_to or rules.within(minute, rule.core_from, rule.core_to)
    return not core or rules.within(minute, rule.focus_from, rule.focus_to)


def notice_at_work(person: "Person", letter: Letter, now: int) -> None:
    """Hear what is said, or be interrupted, or leave an alert alone; in protected hours nothing of it."""
    rule, message = person.rule, letter.message
    if protected(person, now):
        return
    loud, kept, key = loudness(person, message), 1.0 - rule.batching, message.key ^ person.key
    said = talking.hears(person, message)
    if said or happens(rules.alert_interrupts(person.model.q, loud, kept), key, draws.NOTICE):
        person.talking = said
        person.alert, person.alert_at = letter, now
        person.wake = now
    elif person.focus and happens(loud * kept, key, draws.NOTICE):
        person.disturbed += 1


def notice_when_off(person: "Person", letter: Letter, now: int) -> None:
    q, message = person.model.q, letter.message
    key = message.key ^ person.key
    if happens(q.see_off * loudness(person, message), key, draws.NOTICE) and acts_on(person, message):
        at = now + int(60.0 * lognormal(q.reaction_minutes, q.reaction_sigma, key, draws.REACT))
        if at < person.bed:
            person.alert, person.alert_at = letter, at
            person.wake = min(person.wake, at)


def odds_of(person: "Person", message: Message) -> float:
    """Log-odds that a message adds to acting on it outside hours."""
    q = person.model.q
    boss = float(message.sender is not None and message.sender is person.manager)
    receipt = 1.0 - person.rule.receipts_off if message.channel < 2 else 0.0
    return rules.message_log_odds(q, boss, float(message.urgent), receipt, float(message.group))


def acts_on(person: "Person", message: Message) -> bool:
    """Whether a message seen outside hours is acted on."""
    own = person.act_logit
    if message.sender is None:
        own += rules.outsiders_pull(person.model.q, person.felt)
    return happens(rules.chance(own + odds_of(person, message)), message.key ^ person.key, draws.ACT)


def must_end(person: "Person") -> int:
    """When work at home has to be over: with today's hours, if they are not past, or else when one next gets up."""
    works = person.contract_start < person.contract_end
    if works and person.clock < person.contract_end:
        return person.contract_end
    up = person.clock // DAY * DAY + int(3_600 * person.model.q.wake_clock)
    return up if person.clock < up else up + DAY


def handle(person: "Person", letter: Letter) -> None:
    """Read; let a waiting task go on; answer now, later or never; do or note the work; book free time."""
    q, message = person.model.q, letter.message
    letter.open = False
    key = message.key ^ person.key
    free = person.place == OFF
    begin = person.clock
    if free:
        person.spend(int(60.0 * lognormal(q.reentry_minutes, q.handling_sigma, key, draws.REENTRY)), "message")
    person.spend(reading_seconds(person, message), "message")
    person.count("read")
    person.firm.log(READ, person, person.clock, message)
    person.news_today += message.kind == BROADCAST
    if message.kind == ANSWER:
        work.go_on_with(person, message.thread)
    if message.chases:
        person.count("chases")
        work.take_first(person)
    if happens(willing(person, message), key, draws.REPLY):
        if free or happens(q.answer_now, key, draws.AT_ONCE):
            answer(person, message, letter.here)
        else:
            wait = 60.0 * lognormal(q.answer_later_minutes, q.answer_later_sigma, key, draws.PUT_OFF)
            if not person.later.keep(Later(message, person.clock + int(wait), letter.here)):
                person.count("forgotten")
    if message.kind == ASSIGNMENT:
        fits = person.clock + int(float(message.work) / person.speed) < must_end(person)
        if free and message.steps == 0 and fits and happens(q.assignment_now, key, draws.DO_NOW):
            do_at_once(person, message, letter.here)
        else:
            work.add_assigned_task(person, message)
    if free:
        anyway = rules.chance(person.free_logit + odds_of(person, message))
        spent = person.book_off(begin, chosen=happens(anyway, key, draws.ACT))
        person.count(f"after_seconds_{CHANNELS[message.channel]}", spent)
        person.count("outside_after_seconds", spent * (message.sender is None))
        person.count("after_acted")
        person.responses += letter.counted


def counts(person: "Person", message: Message, now: int) -> bool:
    """Whether a request enters the memory of one's own answers if acted on: not if one was at work, or rarely."""
    free = person.place == OFF and person.outside(now)
    return free or happens(person.model.q.request_at_work, message.key ^ person.key, draws.COUNTS)


def reading_seconds(person: "Person", message: Message) -> int:
    q = person.model.q
    median = q.read_seconds
    if message.group:
        person.count("summarised", int(person.rule.summary > 0.0))
        median = q.skim_seconds * person.skims * (1.0 - person.rule.summary)
    return max(2, int(median * (0.001 * message.length) * person.model.cost[message.channel]))


def willing(person: "Person", message: Message) -> float:
    """Chance that this message gets an answer from this person."""
    q = person.model.q
    wish = {
        QUESTION: q.reply_question,
        STATUS_REQUEST: q.reply_status,
        ASSIGNMENT: q.reply_assignment,
        ANSWER: rules.follow_up(q, message.depth),
        CHATTER: q.reply_chatter,
        BROADCAST: q.reply_broadcast if message.to_be_confirmed else 0.0,
    }[message.kind]
    kept = {QUESTION: person.questions_kept, ANSWER: person.follows_kept}
    return wish * person.sharing * kept.get(message.kind, person.answers_kept * person.answering)


def answer(person: "Person", message: Message, here: int) -> None:
    """Answer a message that was delivered at ``here``."""
    key = child(message.key ^ person.key, draws.ANSWER_KEY)
    in_person = message.channel == TALK and person.place == OFFICE and not message.group
    in_person = in_person and talking.reaches(person, message.sender)
    if in_person:
        talking.take_time(person, TALK, key)
    else:
        seconds = float(writing.writing_seconds(person, key)) * person.model.cost[message.channel]
        person.spend(max(3, int(seconds)), "message")
    back = None if message.channel == TALK and not in_person else message.channel
    give_answer(person, message, here, reply_by=back)


def give_answer(person: "Person", message: Message, here: int, **by: int | None) -> None:
    key = child(message.key ^ person.key, draws.ANSWER_KEY)
    person.count("answered")
    person.count("reply_seconds", person.clock - here)
    writing.write(person,
        message.sender, ANSWER, key, message.thread,
        urgent=message.urgent, depth=message.depth + 1, outside=message.sent if message.sender is None else None, **by,
    )  # fmt: skip
    person.firm.log(ANSWERED, person, person.clock, message)


def hear(person: "Person", letter: Letter) -> None:
    """Talk about what is said by phone or in person, and answer on the spot."""
    q, message = person.model.q, letter.message
    letter.open = False
    talk = lognormal(q.talk_minutes, q.handling_sigma, message.key, draws.TALK_LENGTH)
    person.spend(max(1, int(60.0 * talk)), "talk")
    person.count("talks")
    person.count("read")
    person.firm.log(READ, person, person.clock, message)
    if message.kind == ANSWER:
        work.go_on_with(person, message.thread)
        return
    if message.kind == ASSIGNMENT:
        work.add_assigned_task(person, message)
    if isinstance(message.to, Chat):
        return
    if message.chases:
        person.count("chases")
        work.take_first(person)
    give_answer(person, message, letter.here, said=message.channel)


def do_at_once(person: "Person", message: Message, here: int) -> None:
    """Do assigned work in free time, less what is lost because it is late."""
    size = message.work
    person.count("tasks_arrived")
    person.count("arrived_work_seconds", size)
    person.count("assigned_work_seconds", size)
    begin = person.clock
    person.spend(max(1, int(float(size) / person.speed)), "task")
    person.count("tasks_done")
    inside = person.within_contract(begin, person.clock)
    made = {"contract": inside, "recorded": 0, "latent": person.clock - begin - inside}
    book_output(person, size - work.lost_by_lateness(person, size, message.wanted), made)
    person.count("cycle_seconds", person.clock - here)
