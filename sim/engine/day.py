"""A working day of a firm, minute by minute: what people do, and in which order.

For every minute in which somebody is due:

1. Everybody who is due takes turns until the minute is over. In a turn a person books the time since the last turn;
   handles the message that reached them; takes up what was put off; comes, pauses, leaves, meets or works at home;
   reads on in the inbox; takes up a moment of self-interruption; chooses a task and works on it. Then outsiders write
   to them (M17), whatever they do.
2. Messages written are delivered, in the order of the writers, and may alert recipients from the next minute on. Then
   held messages that are due are delivered.

Minutes in which nobody is due are skipped, so a quiet night costs no time.
"""

import math

from sim.behaviour.working import hurried
from sim.core import draws
from sim.core.columns import ANSWER, HOME, OFF, OFFICE
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import uniform
from sim.core.units import DAY, MINUTE
from sim.engine.attendance import come, go, leave_or_stay, take_round
from sim.engine.delivery import deliver, hand_out, held_until, keep_overnight
from sim.engine.looking import interrupted, lose_to_messages
from sim.engine.meetings import meet
from sim.engine.messages import ENDLESS_TURN, IDLING, TASKWORK, contract_part, firm_rows, send, spend
from sim.engine.outsiders import outsider_writes
from sim.engine.questions import lose_patience, overdue, recall, stop_for_question
from sim.engine.reading import handle, hear, later_due, take_later
from sim.engine.routing import breach
from sim.engine.self_interruption import look_on, moment_at_work, moment_off, read_on
from sim.engine.state import INBOX, NEVER, Person, Whole, World
from sim.engine.tasks import finish, most_pressing
from sim.engine.timing import break_length, caps_passed, keeps_hours, may_work_off, must_stop_at

_MOST_TURNS = 100_000  # per minute; more means an error


@rule
def turn_to_messages(person: Person) -> None:
    """Book a change of task: each message is a matter of its own."""
    person.ledger.switches += 1 if person.place != OFF else 0
    person.engaged = -1


@rule
def pace(p: Parameters, person: Person) -> float:
    """Return nominal seconds of work per second, somewhat more after an interruption (M2)."""
    return hurried(p, person.speed, person.hurry)


@rule
def find_something(w: World, p: Parameters, person: Person, stop: int) -> None:
    """Without a task, take up an answer whose time has come, or else wait for one; at home, stop working."""
    answers = uniform(person.key, draws.ANSWERS_IDLE) < p.idle_answers
    n = later_due(person) if answers else -1
    if n >= 0:
        take_later(w, p, person, n)
        turn_to_messages(person)
        person.wake = person.clock
    elif person.place == HOME:
        person.session_end = person.clock
    else:
        person.wake = min(stop, int(person.later_at)) if answers else stop


@rule
def work_on(w: World, p: Parameters, person: Person) -> None:
    """Choose a task if none is in hand, and plan until when to work on it."""
    if person.place == OFFICE:
        stop = min(person.check, person.leave, person.lunch, person.round_at, person.meeting_at)
    else:
        stop = min(person.check, person.session_end)
    k = person.task
    if k < 0:
        late = overdue(person)
        if late >= 0:
            lose_patience(w, p, person, person.tasks[late])
            return
        k = most_pressing(p, person, -1)
        person.task = k
        person.hurry = 0
    if k < 0:
        find_something(w, p, person, stop)
        return
    if recall(p, person, person.tasks[k]):
        person.wake = person.clock
        return
    left = int(person.tasks[k].point) - int(person.tasks[k].done)
    person.focus = 1
    if person.engaged != k:
        person.ledger.switches += 1
        person.engaged = k
    person.wake = min(stop, person.clock + max(1, math.ceil(left / pace(p, person))))


@rule
def book(p: Parameters, person: Person, now: int) -> None:
    """Book the time that has passed and the progress of the task in hand, less what ignored alerts took (M18)."""
    span = now - person.clock
    if person.place == OFF:
        person.ledger.off_seconds += span
        person.clock = now
    elif person.focus == 1:
        lost = min(span, person.disturbed * int(p.inhibition_seconds))
        person.disturbed = 0
        lose_to_messages(person, lost)
        span -= lost
        if span <= 0:
            return
        task = person.tasks[person.task]
        before = int(task.done)
        done = min(before + max(1, int(span * pace(p, person))), int(task.point))
        inside = (done - before) * contract_part(person, person.clock, now) // span
        task.in_contract += inside
        if person.place == OFFICE:
            task.in_recorded += done - before - inside
        else:
            task.in_latent += done - before - inside
        task.done = done
        spend(person, span, TASKWORK)
    else:
        spend(person, span, IDLING)


@rule
def reached_point(w: World, p: Parameters, person: Person) -> bool:
    """Stop at a question or at the end of the task in hand, if it is reached."""
    if person.focus == 0:
        return False
    task = person.tasks[person.task]
    if task.done < task.point:
        return False
    person.focus = 0
    person.task = -1
    person.engaged = -1
    if task.asked < task.questions:
        stop_for_question(w, p, person, task)
    else:
        finish(w, p, person, task)
    return True


@rule
def next_off(person: Person) -> int:
    """Find when a person who is off work is due next."""
    due = min(person.check, person.start, person.session)
    if person.alert >= 0:
        due = min(due, person.alert_at)
    return max(due, person.clock)


@rule
def choose_off(w: World, p: Parameters, person: Person) -> None:
    """Decide what a person who is off work does next."""
    now = person.clock
    if person.start <= now:
        come(w, p, person)
    elif person.session <= now:
        person.session = NEVER
        person.session_end = min(person.session_end, must_stop_at(w, p, person, now))
        go(p, person, HOME)
    elif person.browse > 0:
        look_on(w, p, person)
    elif person.check <= now:
        moment_off(w, p, person)
    person.wake = next_off(person) if person.browse == 0 and person.place == OFF else person.clock


@rule
def reads_on(person: Person) -> bool:
    """Return whether a person at work goes on with the inbox, because nothing else is due."""
    if person.browse == 0 or person.place == OFF:
        return False
    if person.place == HOME:
        return person.session_end > person.clock
    return min(person.lunch, person.leave, person.meeting_at) > person.clock


@rule
def comes_up(w: World, person: Person, due: int) -> bool:
    """Return whether a moment took time since the turn was due, or brought messages to read or send."""
    alerted = person.alert >= 0 and person.alert_at <= person.clock
    return person.clock > due or person.browse > 0 or alerted or w.tally[0].notes > 0


@rule
def choose(w: World, p: Parameters, person: Person) -> None:
    """Decide what to do next, after all time has been booked."""
    if person.place == OFF:
        choose_off(w, p, person)
        return
    now, due = person.clock, person.wake
    person.wake = now
    if person.place == OFFICE and person.lunch <= now:
        person.lunch = NEVER
        person.start = now + break_length(w, person)
        go(p, person, OFF)
        person.check = NEVER
    elif person.place == OFFICE and person.leave <= now:
        leave_or_stay(w, p, person)
    elif person.place == OFFICE and person.meeting_at <= now:
        meet(w, p, person)
        person.wake = person.clock
    elif person.place == HOME and person.session_end <= now:
        go(p, person, OFF)
    elif person.place == OFFICE and person.round_at <= now:
        take_round(w, p, person)
    else:
        moment = person.check <= now
        if moment:
            moment_at_work(w, p, person)
        if not moment or not comes_up(w, person, due):
            work_on(w, p, person)
    if person.place == OFF:
        person.wake = next_off(person)


@rule
def take_message(w: World, p: Parameters, person: Person) -> None:
    """Handle the message that reached the person, then return to the task; during a rest it stays unread."""
    number = person.alert
    message = person.inbox[number % INBOX]
    person.alert = -1
    said = person.talking == 1
    person.talking = 0
    free = person.place != OFF or may_work_off(w, p, person, person.clock)
    if free and number >= person.head and message.unread == 1:
        was_focused = person.focus == 1
        before = person.clock
        turn_to_messages(person)
        if said:
            hear(w, p, person, number)
        else:
            handle(w, p, person, number)
        if person.place == HOME:
            spent = person.clock - before
            person.ledger.hidden_overtime_seconds += spent
            person.ledger.after_seconds[message.channel] += spent
            person.ledger.outside_after_seconds += spent * message.outside
        if said and message.kind == ANSWER:
            person.focus = 0
            person.task = -1
        elif was_focused:
            interrupted(p, person, message.key ^ person.key)
    person.wake = person.clock
    if person.place == OFF and person.browse == 0:
        person.wake = next_off(person)


@rule
def turn(w: World, p: Parameters, person: Person) -> None:
    """Take one turn: book time, take up what was put off or choose what to do, then handle a message that arrived."""
    if person.wake > person.clock:
        book(p, person, person.wake)
    stopped = reached_point(w, p, person)
    if person.alert < 0 or person.alert_at > person.clock:
        n = later_due(person) if person.place != OFF and (person.browse > 0 or stopped) else -1
        if n >= 0:
            take_later(w, p, person, n)
            turn_to_messages(person)
            person.focus = 0
            person.wake = person.clock
            return
        if stopped:
            person.wake = person.clock
            return
        person.focus = 0
        if reads_on(person):
            person.wake = person.clock
            read_on(person)
        else:
            choose(w, p, person)
    if person.alert >= 0 and person.alert_at <= person.clock:
        take_message(w, p, person)


@rule
def take_turns(w: World, p: Parameters, person: Person, until: int) -> None:
    """Let a person take turns until a moment, and send what each turn has written."""
    tally = w.tally[0]
    turns = 0
    while person.wake < until:
        turn(w, p, person)
        for n in range(tally.notes):
            send(w, p, w.notes[n])
        tally.notes = 0
        turns += 1
        if turns > _MOST_TURNS:
            tally.error = ENDLESS_TURN
            break
    w.wake[person.row] = person.wake


@rule
def list_due(w: World, first: int, last: int, until: int, outsider: bool) -> int:
    """List the people with a turn or an outsider's message before a moment, and return their number.

    Written without a branch, because the processor cannot predict who is due in a minute.
    """
    count = 0
    for i in range(first, last):
        w.due[count] = i
        count += 1 if w.wake[i] < until or (outsider and w.outsider[i] < until) else 0
    return count


@rule
def earliest(times: Whole, first: int, last: int) -> int:
    """Return the earliest of some seconds."""
    found = NEVER
    for i in range(first, last):
        found = min(found, times[i])
    return found


@rule
def minutes_of_day(w: World, p: Parameters, f: int, day: int) -> None:
    """Run a firm from midnight to midnight."""
    first, last = firm_rows(w, f)
    tally = w.tally[0]
    end = (day + 1) * DAY
    now = day * DAY
    outsider = earliest(w.outsider, first, last)
    message = held_until(w, f)
    while now < end:
        until = now + MINUTE
        count = list_due(w, first, last, until, outsider < until)
        if count == 0 and message >= until:
            now = min(outsider, message, earliest(w.wake, first, last)) // MINUTE * MINUTE
            continue
        for n in range(count):
            i = w.due[n]
            take_turns(w, p, w.person[i], until)
            if tally.error == ENDLESS_TURN:
                return
            while w.outsider[i] < until:
                outsider_writes(w, p, w.person[i])
        if outsider < until:
            outsider = earliest(w.outsider, first, last)
        waiting = deliver(w, p, until)
        hand_out(w, p, f, until)
        message = min(waiting, held_until(w, f))
        now = until
    keep_overnight(w, p)


@rule
def note_kind_of_day(w: World, person: Person, day: int) -> None:
    """Book work on a day off, for its pay: all of it is overtime."""
    if w.statutory[day] == 1:
        person.ledger.statutory_overtime_seconds += person.worked_today
    elif w.workday[day] == 0:
        person.ledger.rest_day_overtime_seconds += person.worked_today


@rule
def send_home(w: World, p: Parameters, person: Person, midnight: int) -> None:
    """At midnight end everybody's activity; book time to the last second of the day, and caps that were exceeded."""
    if midnight > person.clock:
        book(p, person, midnight)
    if person.place != OFF:
        go(p, person, OFF)
    note_kind_of_day(w, person, midnight // DAY - 1)
    if not keeps_hours(w, person):
        for _ in range(caps_passed(w, person, midnight // DAY - 1)):
            breach(w, person)
    person.alert = -1
    person.talking = 0
    person.browse = 0
