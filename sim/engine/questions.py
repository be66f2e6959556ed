"""Questions that tasks wait for: whom to ask, the wait, and its end by an answer, a referral or lost patience."""

import numpy as np

from sim.behaviour.dates import recall_seconds
from sim.behaviour.talking import knows
from sim.core import draws
from sim.core.columns import BLOCKED, FAULTY, QUESTION, READY
from sim.core.compiled import rule
from sim.core.parameters import Parameters
from sim.core.randomness import child, lognormal, uniform
from sim.core.units import MINUTE
from sim.engine.messages import RESUMING, SEARCHING, note, spend
from sim.engine.state import NEVER, Person, Task, World
from sim.engine.talking import finds, sees_work, speak, spoken_channel, take_time
from sim.engine.tasks import next_point, settle_fault, wait_until

REFERRED = -1  # instead of the number of times a question was asked again: another person is to be asked


@rule
def choose_mate(w: World, person: Person, v: float) -> int:
    """Choose a team mate by the weights with which people are asked; ``v`` is a uniform draw from 0 to 1."""
    first, last = person.team_first, person.team_first + person.team_size
    total = 0.0
    for i in range(first, last):
        total += w.person[i].asked
    i = first
    reached = w.person[i].asked
    while reached <= v * total and i < last - 1:
        i += 1
        reached += w.person[i].asked
    return i


@rule
def choose_contact(w: World, p: Parameters, person: Person, v: float) -> int:
    """Choose a contact: more often a close one, and one whom many people ask."""
    count = int(p.ties)
    total, closeness = 0.0, 1.0
    for n in range(count):
        total += closeness * w.person[person.ties[n]].asked
        closeness *= p.tie_decay
    n, closeness = 0, p.tie_decay
    reached = w.person[person.ties[0]].asked
    while reached <= v * total and n < count - 1:
        n += 1
        reached += closeness * w.person[person.ties[n]].asked
        closeness *= p.tie_decay
    return person.ties[n]


@rule
def drawn_by(task: Task) -> tuple[np.uint64, int]:
    """Return the key and number of the draws for the present question: the task's, or its own once referred."""
    number = int(task.asked) - 1
    if task.thread == child(task.key, draws.QUESTION_KEY + number):
        return task.key, number
    return task.thread, 0


@rule
def whom_to_ask(w: World, p: Parameters, person: Person, task: Task) -> int:
    """Choose the colleague to ask: manager, team mate or a contact in the firm."""
    key, number = drawn_by(task)
    u = uniform(key, draws.WHOM + number)
    v = uniform(key, draws.WHOM_EXACTLY + number)
    boss = person.manager
    if u < p.ask_manager and boss >= 0:
        return boss
    if u < p.ask_manager + p.ask_team:
        mate = choose_mate(w, person, v)
        if mate != person.row:
            return mate
    return choose_contact(w, p, person, v)


@rule
def ask(w: World, p: Parameters, person: Person, task: Task, again: int) -> None:
    """Write the question that a task waits for."""
    thread = task.thread
    key_of_message = child(thread, draws.REASK_KEY) if again == 1 else thread
    to = whom_to_ask(w, p, person, task)
    urgent = 1 if uniform(thread, draws.URGENT) < p.urgent_share or again == 1 else 0
    channel = spoken_channel(w, p, person, to, key_of_message, urgent)
    take_time(p, person, channel, key_of_message)
    key, number = drawn_by(task)
    wait = lognormal(p.wait_minutes, p.wait_sigma, key, draws.WAIT + 2 * number + again)
    wait_until(person, task, person.clock + int(MINUTE * wait))
    question = note(w, person, to, QUESTION, key_of_message, thread)
    question.urgent = urgent
    speak(person, question, channel)


@rule
def stop_for_question(w: World, p: Parameters, person: Person, task: Task) -> None:
    """Search, then ask and set the task aside (M1), unless an archive has the answer (M14)."""
    key = task.key
    number = int(task.asked)
    task.asked = number + 1
    task.point = next_point(task)
    task.reasked = 0
    task.thread = child(key, draws.QUESTION_KEY + number)
    searched = lognormal(p.search_minutes, p.handling_sigma, key, draws.SEARCH + number)
    spend(person, int(MINUTE * searched), SEARCHING)
    person.ledger.questions += 1
    if finds(w, p, person, key, number):
        person.ledger.found += 1
        return
    ask(w, p, person, task, 0)
    task.state = BLOCKED
    task.since = person.clock


@rule
def stop_waiting(person: Person, task: Task) -> None:
    """Book a task's wait; it will take time to recall the task afterwards (M15)."""
    waited = person.clock - int(task.since)
    person.ledger.waiting_seconds += waited
    task.since = waited
    task.reasked = 0


@rule
def recall(p: Parameters, person: Person, task: Task) -> bool:
    """Spend the time to recall a task that has waited for an answer, once; False if it takes none (M15)."""
    if task.since == 0:
        return False
    seconds = int(recall_seconds(p, float(task.since)))
    task.since = 0
    if seconds > 0:
        spend(person, seconds, RESUMING)
    return seconds > 0


@rule
def refer(person: Person, task: Task) -> None:
    """Note that the person asked does not know but names somebody else, who is asked next (M14)."""
    task.thread = child(task.thread, draws.REFERRED_KEY)
    task.reasked = REFERRED
    wait_until(person, task, person.clock)
    person.ledger.referred += 1


@rule
def answered(w: World, p: Parameters, person: Person, thread: np.uint64) -> None:
    """Let the task that waited for this thread go on."""
    for k in range(person.desk):
        task = person.tasks[k]
        state = task.state
        if state in (BLOCKED, FAULTY) and task.thread == thread:
            if state == BLOCKED and uniform(thread, draws.KNOWS) >= knows(p, sees_work(w, person)):
                refer(person, task)
                return
            stop_waiting(person, task)
            person.ledger.unblocked += 1
            if state == FAULTY:
                settle_fault(w, p, person, task, 1)
            else:
                task.state = READY
            return


@rule
def lose_patience(w: World, p: Parameters, person: Person, task: Task) -> None:
    """Ask again, or go on by default, when an answer is overdue (M8)."""
    if task.reasked == REFERRED:
        task.reasked = 0
        ask(w, p, person, task, 0)
        return
    faulty = task.state == FAULTY
    key, number = drawn_by(task)
    again = not faulty and task.reasked == 0 and uniform(key, draws.REASK + number) < p.reask
    if again:
        task.reasked = 1
        person.ledger.reasked += 1
        ask(w, p, person, task, 1)
        return
    stop_waiting(person, task)
    person.ledger.defaults += 1
    if faulty:
        settle_fault(w, p, person, task, 0)
    else:
        task.defaults += 1
        task.state = READY


@rule
def overdue(person: Person) -> int:
    """Find a task that has waited too long; there is none before the second ``patience``."""
    if person.clock < person.patience:
        return -1
    person.patience = NEVER
    for k in range(person.desk):
        task = person.tasks[k]
        if task.state in (BLOCKED, FAULTY):
            person.patience = min(person.patience, int(task.deadline))
            if task.deadline <= person.clock:
                return k
    return -1
