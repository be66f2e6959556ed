"""Talk in place of writing, what an archive answers, and meetings."""

from typing import TYPE_CHECKING

from sim.core import draws
from sim.core.columns import CALL, FAULTY, GROUP, IM, MAIL, OFFICE, TALK, TOOL
from tests.twin import dates, hours, post, reading, rules, work, writing
from tests.twin.chance import child, happens, lognormal, uniform
from tests.twin.things import DAY, NOTES, Chat, Meeting, Message

if TYPE_CHECKING:
    from tests.twin.person import Person


def open_to(person: "Person", channel: int) -> bool:
    still = hours.quiet(person, person.clock)
    return post.closure(person, channel, still) == 0.0 or not post.keeps_to(person, channel, still)


def tool_in_use(person: "Person") -> bool:
    return (person.rule.tool > 0.0 or person.rule.messenger > 0.0) and open_to(person, TOOL)


def can_write(person: "Person") -> bool:
    return any(open_to(person, channel) for channel in (IM, MAIL)) or tool_in_use(person)


def open_by_day(person: "Person") -> bool:
    """Whether some channel to one colleague is not closed in contract hours."""
    closed, rule = person.rule.closed, person.rule
    tool = max(rule.tool, rule.messenger) > 0.0 and closed[TOOL] == 0.0
    return tool or any(closed[channel] == 0.0 for channel in (IM, MAIL, CALL))


def sees_work(person: "Person") -> bool:
    """Whether group chats or a tool show who does what."""
    return tool_in_use(person) or open_to(person, GROUP)


def are_near(one: "Person", other: "Person") -> bool:
    """Whether both have one manager, or one of them leads the other."""
    return one.manager is other.manager or other.manager is one or one.manager is other


def reaches(person: "Person", other: "Person") -> bool:
    """Whether one need not travel to the other today, or does."""
    return person.site == other.site or happens(person.model.q.site_visits, person.day_key, draws.VISITS)


def how(person: "Person", to: "Person | None", key: int, urgent: bool) -> int | None:
    """By which channel a thing is said, or None if it is written."""
    q = person.model.q
    if q.talk_allowed == 0.0 or person.place != OFFICE or to is None:
        return None
    messenger = open_to(person, IM)
    if messenger and to.outside(person.clock):
        return None
    near = float(are_near(person, to))
    chance = rules.talk_chance(q, float(urgent), near, float(not messenger))
    if can_write(person) and not happens(chance, key, draws.SPOKEN):
        return None
    ways = [TALK] if reaches(person, to) else []
    if open_to(person, CALL) and (not ways or happens(rules.call_share(q, near), key, draws.BY_PHONE)):
        ways.insert(0, CALL)
    by_phone = bool(ways) and ways[0] == CALL
    if by_phone and not messenger and not urgent and person.outside(person.clock) and open_by_day(person):
        ways = [] if happens(q.call_waits, key, draws.CALL_WAITS) else ways
    return ways[0] if ways else None


def take_time(person: "Person", channel: int | None, key: int) -> None:
    q = person.model.q
    if channel is None:
        person.spend(writing.writing_seconds(person, key), "message")
    else:
        person.spend(int(q.walk_seconds if channel == TALK else q.dial_seconds), "talk")


def hears(person: "Person", message: Message) -> bool:
    """Whether somebody whom an alert could interrupt hears at once what is said."""
    if person.place != OFFICE or message.channel not in (CALL, TALK):
        return False
    chance = rules.heard_share(person.model.q, message.channel == CALL, message.is_answer)
    return happens(chance, message.key ^ person.key, draws.HEARD + message.tries)


def in_vain(person: "Person", message: Message, now: int) -> bool:
    """Whether who comes or calls finds nobody to listen, can leave no word, and so will try again."""
    q, sender = person.model.q, message.sender
    if message.channel not in (CALL, TALK) or message.is_answer or q.talk_allowed == 0.0 or q.again_minutes == 0.0:
        return False
    free = person.place == OFFICE and person.alert is None and person.clock <= now
    if can_write(sender) or (free and not reading.protected(person, now) and hears(person, message)):
        return False
    sender.count("missed")
    wait = 60.0 * lognormal(q.again_minutes, q.again_sigma, message.key, draws.AGAIN + message.tries)
    message.tries = min(50, message.tries + 1)
    tomorrow = now // DAY * DAY + DAY
    dates.keep(sender, message, tomorrow if person.outside(now) else now + int(wait), written=True)
    return True


def finds(person: "Person", task: int, number: int) -> bool:
    """Whether the search finds the answer in an archive."""
    found = happens(person.model.q.archive_answers, task, draws.FOUND + number)
    return found and sees_work(person)


# ---- meetings


def meetings_of(person: "Person", day: int) -> list[Meeting]:
    """Those of the team that one is in, of the team that one leads, and of the managers; by their beginning."""
    q, firm = person.model.q, person.firm
    found: list[Meeting] = []
    boss = person.manager
    if boss is not None:
        found += of_team(person, boss, day, 0)
    if person.manages:
        found += of_team(person, person, day, 4)
        key = child(child(firm.key, draws.MANAGERS_KEY), draws.MEETING_DAY_KEY + day)
        rate = rules.by_size(q, q.management_meetings, float(len(firm.people)), q.management_size)
        for n in range(3):
            if happens(rate / 3.0, key, draws.TAKES_PLACE + n):
                length = lognormal(q.meeting_minutes, q.meeting_sigma, key, draws.LASTS + n)
                u = uniform(key, draws.STARTS + n)
                found.append(meeting(person, firm.people[0], day, 8 + n, length, u))
    by_start = {one.start: one for one in reversed(found)}  # of two in one second the first counts
    return sorted(by_start.values(), key=lambda one: one.start)


def of_team(person: "Person", lead: "Person", day: int, first: int) -> list[Meeting]:
    """The meetings of a team to which the person belongs; numbers from ``first`` on."""
    q, weekday = person.model.q, day % 7
    team = child(person.firm.key, draws.TEAM_KEY + lead.leads)
    today = child(team, draws.MEETING_DAY_KEY + day)
    found = []
    people, growth = float(len(person.firm.people)), q.meetings_size
    if happens(rules.by_size(q, q.team_meetings, people, growth), team, draws.STANDS + weekday):
        length = lognormal(q.meeting_minutes, q.meeting_sigma, team, draws.STANDS_FOR + weekday)
        u = uniform(team, draws.STANDS_AT + weekday)
        found.append(meeting(person, lead, day, first, length, u))
    rate = rules.by_size(q, q.ad_hoc_meetings, people, growth)
    for n in range(3):
        comes = lead is person or happens(q.ad_hoc_attends, person.day_key, draws.ATTENDS + first + 1 + n)
        if comes and happens(rate / 3.0, today, draws.TAKES_PLACE + n):
            length = lognormal(q.ad_hoc_minutes, q.ad_hoc_sigma, today, draws.LASTS + n)
            u = uniform(today, draws.STARTS + n)
            found.append(meeting(person, lead, day, first + 1 + n, length, u))
    return found


def meeting(person: "Person", host: "Person", day: int, number: int, minutes: float, u: float) -> Meeting:
    q = person.model.q
    seconds = int(60.0 * max(1.0, min(minutes, q.meeting_most)))
    start = day * DAY + rules.meeting_start(
        q, person.firm.opening, person.firm.day_seconds, person.firm.break_seconds, float(seconds), u
    )
    return Meeting(start, start + seconds, host, number)


def is_dropped(person: "Person", one: Meeting) -> bool:
    """Whether a rule keeps the person from a meeting."""
    rule = one.host.rule
    days = int(rule.meeting_free_days)
    on_day = days == 0 or bool(days & 1 << one.start // DAY % 7)
    free = on_day and rules.within(one.start % DAY / 60.0, rule.meeting_free_from, rule.meeting_free_to)
    if free and hours.keeps(one.host):
        return True
    limit = 60.0 * person.rule.meeting_limit
    return 0.0 < limit < person.met_week + one.end - one.start and hours.keeps(person)


def meet(person: "Person") -> None:
    """Sit in the meeting that has begun, or deal in writing with what is dropped."""
    q, one = person.model.q, person.meetings.pop(0)
    if one.end <= person.clock:
        return
    if is_dropped(person, one):
        person.count("dropped_meetings")
        if not happens(q.meeting_avoidable, person.day_key, draws.CATCHES_UP + one.number):
            person.spend(int(60.0 * q.catch_up_minutes), "message")
        return
    person.count("switches")
    person.count("meetings")
    person.meetings_today += 1
    person.engaged = None
    person.met_week += one.end - one.start
    person.spend(one.end - person.clock, "meeting")
    if one.number < 8:
        get_answers(person, one)
        tell(person, one)


def get_answers(person: "Person", one: Meeting) -> None:
    """Who owes an answer and sits there may give it."""
    for task in [task for task in person.desk if task.waits]:
        if len(person.written) < NOTES and happens(person.model.q.meeting_answers, task.thread, draws.IN_MEETING):
            owes = person.manager if task.state == FAULTY else work.whom_to_ask(person, task)
            if owes is not None and sits_in(owes, one):
                person.count("settled")
                work.go_on_with(person, task.thread)


def sits_in(colleague: "Person", one: Meeting) -> bool:
    return (colleague is one.host or colleague.manager is one.host) and colleague.is_in_today


def tell(person: "Person", one: Meeting) -> None:
    """Give in person what was kept until now, or could not be sent, for those who sit there."""
    for kept in list(person.kept):
        message = kept.message
        if isinstance(message.to, Chat):
            there = one.number >= 4 and message.to is person.led_chat
        else:
            there = sits_in(message.to, one)
        if there and (kept.written or kept.since <= person.clock) and len(person.written) < NOTES:
            person.kept.remove(kept)
            if dates.is_idle(person, message):
                continue
            message.said, message.sent, message.channel = TALK, person.clock, -1
            person.written.append(message)
            person.count("given_in_meetings")
