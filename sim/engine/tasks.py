"""Work itself: tasks that need focus, may be faulty, get done and are handed on (M1, M8, M15)."""

import numpy as np

from sim.behaviour.dates import late_share, own_share, priority
from sim.behaviour.outsiders import work_besides
from sim.behaviour.working import fault_by_default, fault_of_interrupted
from sim.core import draws
from sim.core.columns import ASSIGNMENT, BROADCAST, FAULTY, FREE, QUESTION, READY
from sim.core.compiled import rule
from sim.core.elementary import exp
from sim.core.parameters import Parameters
from sim.core.randomness import child, lognormal, uniform
from sim.core.units import DAY, MINUTE
from sim.engine.dates import due_date, next_closing
from sim.engine.messages import MESSAGING, book_output, note, spend, writing_seconds
from sim.engine.state import LAST, LEAST_TASK, NEVER, TASKS, Message, Person, Task, World
from sim.engine.talking import speak, spoken_channel, take_time
from sim.engine.timing import share_of_full_time

CANDIDATES = 12  # tasks that may arrive in a day; a draw decides on each
QUESTIONS = 3  # most questions of a task
ATTEMPTS = 2  # attempts at a task that are checked for faults


@rule
def add_task(person: Person, size: int, questions: int, second: int, key: np.uint64, due: int, steps: int) -> None:
    """Put a task on a person's desk, or count it as dropped if the desk is full."""
    person.ledger.tasks_arrived += 1
    person.ledger.arrived_work_seconds += size
    slot = 0
    while slot < person.desk and person.tasks[slot].state != FREE:
        slot += 1
    if slot == TASKS:
        person.ledger.tasks_dropped += 1
        person.ledger.dropped_work_seconds += size
        return
    person.desk = max(person.desk, slot + 1)
    task = person.tasks[slot]
    task.key = key
    task.thread = np.uint64(0)
    task.effort = size
    task.done = 0
    task.questions = questions
    task.asked = 0
    task.state = READY
    task.arrived = second
    task.since = 0
    task.deadline = 0
    task.due = due
    task.in_contract = 0
    task.in_recorded = 0
    task.in_latent = 0
    task.chased = 0
    task.steps = steps
    task.interrupted = 0
    task.reasked = 0
    task.defaults = 0
    task.attempt = 0
    task.point = next_point(task)


@rule
def weigh_desk(person: Person) -> None:
    """At the end of a week book how much the work on the desk has grown: work that arrived and has not ended."""
    size = 0
    for k in range(person.desk):
        task = person.tasks[k]
        if task.state != FREE:
            size += int(task.effort)
    person.ledger.desk_growth_seconds += size - person.desk_work
    person.desk_work = size


@rule
def backlog(person: Person) -> int:
    """Add up the work that is ready, in seconds."""
    total = 0
    for k in range(person.desk):
        task = person.tasks[k]
        total += int(task.effort) - int(task.done) if task.state == READY else 0
    return total


@rule
def due_soon(w: World, p: Parameters, person: Person) -> int:
    """Add up the ready work that is due by the close of the next working day, in seconds (M15)."""
    until = next_closing(w, p, person)
    total = 0
    for k in range(person.desk):
        task = person.tasks[k]
        if task.state == READY and 0 < task.due <= until:
            total += int(task.effort) - int(task.done)
    return total


@rule
def overdue_tasks(person: Person, now: int) -> int:
    """Count the tasks on a desk that are past their due date (M15)."""
    count = 0
    for k in range(person.desk):
        task = person.tasks[k]
        if task.state != FREE and 0 < task.due < now:
            count += 1
    return count


@rule
def take_first(person: Person) -> None:
    """Put the task with the earliest due date before all others, because somebody asked for it (M15)."""
    first = -1
    for k in range(TASKS):
        task = person.tasks[k]
        if task.state != FREE and 0 < task.due < person.clock and (first < 0 or task.due < person.tasks[first].due):
            first = k
    if first >= 0:
        person.tasks[first].chased = 1


@rule
def next_point(task: Task) -> int:
    """Return where a task next stops: at its next question or at its end."""
    asked = int(task.asked)
    questions = int(task.questions)
    size = int(task.effort)
    return size if asked >= questions else size * (asked + 1) // (questions + 1)


@rule
def hand_on(w: World, p: Parameters, person: Person, task: Task) -> None:
    """Hand a finished task to a colleague, who continues it: a team mate or a contact (M15)."""
    key = task.key
    steps = int(task.steps)
    if steps < 0 or steps >= int(p.chain_most) or uniform(key, draws.HANDED) >= p.hand_on:
        return
    v = uniform(key, draws.HAND_WHOM)
    first, mates = person.team_first, person.team_size
    belongs = first <= person.row < first + mates  # the head counts as a member of the team led
    mates -= 1 if belongs else 0
    if uniform(key, draws.HAND_TEAM) < p.hand_team and mates > 0:
        to = first + int(v * mates)
        to += 1 if belongs and to >= person.row else 0
    else:
        to = person.ties[int(v * int(p.ties))]
    message = child(key, draws.HANDED_KEY)
    channel = spoken_channel(w, p, person, to, message, 0)
    take_time(p, person, channel, message)
    handed = note(w, person, to, ASSIGNMENT, message, message)
    handed.work = max(LEAST_TASK, int(MINUTE * lognormal(p.task_minutes, p.task_sigma, message, draws.WORK)))
    handed.wanted = task.due
    handed.steps = steps + 1
    speak(person, handed, channel)
    person.ledger.hand_offs += 1


@rule
def lose_by_lateness(p: Parameters, person: Person, work: int, due: int) -> int:
    """Book how much of work finished now is lost because it is past its due date (M15)."""
    if not 0 < due < person.clock:
        return 0
    late = int(work * late_share(p, (person.clock - due) / DAY))
    person.ledger.tasks_late += 1
    person.ledger.late_seconds += late
    return late


@rule
def complete(w: World, p: Parameters, person: Person, task: Task, spoiled: int) -> None:
    """Book a finished task, less the part lost by lateness, and perhaps hand it on."""
    left = int(task.effort) - spoiled
    late = lose_by_lateness(p, person, left, int(task.due))
    in_contract, in_recorded = int(task.in_contract), int(task.in_recorded)
    book_output(person, left - late, in_contract, in_recorded, in_contract + in_recorded + int(task.in_latent))
    person.ledger.spoiled_seconds += spoiled
    person.ledger.tasks_done += 1
    person.ledger.cycle_seconds += person.clock - int(task.arrived)
    task.state = FREE
    while person.desk > 0 and person.tasks[person.desk - 1].state == FREE:
        person.desk -= 1
    hand_on(w, p, person, task)


@rule
def wait_until(person: Person, task: Task, second: int) -> None:
    """Set the end of a task's patience for an answer (M8)."""
    second = min(second, LAST)
    task.deadline = second
    person.patience = min(person.patience, second)


@rule
def settle_fault(w: World, p: Parameters, person: Person, task: Task, decided: int) -> None:
    """End a faulty task's wait: part of it is done again, or it passes with a loss (M8)."""
    key = task.key
    attempt = int(task.attempt)
    size = int(task.effort)
    if decided == 1 and uniform(key, draws.VERDICT + attempt) < p.verdict_rework:
        again = int(p.rework_share * size)
        person.ledger.rework_seconds += again
        task.done = size - again
        task.attempt = attempt + 1
        task.state = READY
    else:
        complete(w, p, person, task, int(p.spoil_share * size))


@rule
def finish(w: World, p: Parameters, person: Person, task: Task) -> None:
    """Check a task at its end: it is done, or a fault goes to the manager as an exception (M1, M8)."""
    key = task.key
    attempt = int(task.attempt)
    risk = fault_of_interrupted(p, fault_by_default(p, person.care, task.defaults), float(task.interrupted))
    if attempt < ATTEMPTS and uniform(key, draws.FAULT + attempt) < risk:
        person.ledger.exceptions += 1
        boss = person.manager
        thread = child(key, draws.EXCEPTION_KEY + attempt)
        task.thread = thread
        if boss < 0:
            settle_fault(w, p, person, task, 1)
            return
        channel = spoken_channel(w, p, person, boss, thread, 1)
        take_time(p, person, channel, thread)
        task.state = FAULTY
        task.since = person.clock
        wait_until(person, task, person.clock + int(MINUTE * p.wait_minutes * p.exception_wait))
        exception = note(w, person, boss, QUESTION, thread, thread)
        exception.urgent = 1
        speak(person, exception, channel)
        return
    complete(w, p, person, task, 0)
    message = child(key, draws.ANNOUNCE_KEY)
    if uniform(key, draws.ANNOUNCE) < p.announce * person.answering:
        spend(person, writing_seconds(p, message), MESSAGING)
        announcement = note(w, person, -1 - person.own_team_chat, BROADCAST, message, message)
        announcement.group = 1


@rule
def most_pressing(p: Parameters, person: Person, but: int) -> int:
    """Choose the task to work on: by due date and arrival, and before all others one that was asked for (M15).

    Written without a branch, as ``awaits`` and ``backlog`` are, because the processor cannot predict which tasks are
    ready.
    """
    best = -1
    least = float(2 * NEVER)
    for k in range(person.desk):
        task = person.tasks[k]
        arrived, due = int(task.arrived), int(task.due)
        when = priority(p, float(arrived), float(due if due > 0 else arrived)) - float(NEVER * int(task.chased))
        first = (task.state == READY) & (k != but) & (when < least)
        best = k if first else best
        least = when if first else least
    if best < 0 and but >= 0 and person.tasks[but].state == READY:
        return but
    return best


@rule
def usual_work(p: Parameters) -> float:
    """Return the seconds of nominal work that arrive on a usual working day."""
    return MINUTE * p.tasks_per_day * p.task_minutes * exp(0.5 * p.task_sigma * p.task_sigma)


@rule
def arrivals(w: World, p: Parameters, person: Person, second: int) -> None:
    """Put the day's new tasks on the desk: each candidate arrives if its draw allows (M1)."""
    rate = p.tasks_per_day * person.workload / CANDIDATES * own_share(p) * share_of_full_time(w, p, person)
    rate *= work_besides(p, person.outside_rate, usual_work(p) / MINUTE)
    for j in range(CANDIDATES):
        if uniform(person.day_key, draws.ARRIVAL + j) < rate:
            key = child(person.day_key, draws.TASK_KEY + j)
            size = max(LEAST_TASK, int(MINUTE * lognormal(p.task_minutes, p.task_sigma, key, draws.SIZE)))
            questions = 0
            for n in range(QUESTIONS):
                if uniform(key, draws.HAS_QUESTION + n) < p.questions_per_task * person.asking / QUESTIONS:
                    questions += 1
            days = int(lognormal(p.due_days, p.due_sigma, key, draws.DUE))
            add_task(person, size, questions, second, key, due_date(w, p, person, second, days), 0)


@rule
def assigned(p: Parameters, person: Person, message: Message) -> None:
    """Turn an assignment that was read into a task: an order, or work handed on by a colleague."""
    key = child(message.key ^ person.key, draws.ASSIGNED_KEY)  # an order to a group is a task for each member
    work, handed = int(message.work), message.steps > 0
    questions = 0
    for n in range(QUESTIONS if handed else 1):
        if uniform(key, draws.HAS_QUESTION + n) < p.questions_per_task * person.asking / QUESTIONS:
            questions += 1
    if handed:
        person.ledger.handed_work_seconds += work
    else:
        person.ledger.assigned_work_seconds += work
    add_task(person, work, questions, person.clock, key, int(message.wanted), int(message.steps) if handed else -1)
