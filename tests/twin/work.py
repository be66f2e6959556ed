"""What a person works on: tasks that need focus, stop at questions, go wrong, wait and get done."""

import itertools
import math
from typing import TYPE_CHECKING

from sim.core import draws
from sim.core.columns import ASSIGNMENT, BLOCKED, BROADCAST, FAULTY, HOME, OFFICE, QUESTION, READY
from tests.twin import dates, hours, rules, talking, writing
from tests.twin.chance import child, happens, lognormal, uniform
from tests.twin.things import Message, Task

if TYPE_CHECKING:
    from tests.twin.person import Person


def add_task(person: "Person", task: Task) -> None:
    person.count("tasks_arrived")
    person.count("arrived_work_seconds", task.size)
    if not person.desk.put(task):
        person.count("tasks_dropped")
        person.count("dropped_work_seconds", task.size)


def add_assigned_task(person: "Person", message: Message) -> None:
    key = child(message.key ^ person.key, draws.ASSIGNED_KEY)
    handed = message.steps > 0
    asks = person.model.q.questions_per_task * person.asking / 3.0
    questions = sum(happens(asks, key, draws.HAS_QUESTION + k) for k in range(3 if handed else 1))
    person.count("handed_work_seconds" if handed else "assigned_work_seconds", message.work)
    steps = message.steps if handed else None
    add_task(person, Task(key, message.work, questions, person.clock, due=message.wanted, steps=steps))


def add_tasks_of_day(person: "Person", second: int) -> None:
    q = person.model.q
    usual = 60.0 * q.tasks_per_day * q.task_minutes * math.exp(0.5 * q.task_sigma * q.task_sigma)
    rate = q.tasks_per_day * person.workload / 12.0 * rules.own_share(q) * hours.part_of_full_time(person)
    rate *= rules.work_besides(q, person.outside_rate, usual / 60)
    for n in range(12):
        if happens(rate, person.day_key, draws.ARRIVAL + n):
            key = child(person.day_key, draws.TASK_KEY + n)
            size = max(120, int(60.0 * lognormal(q.task_minutes, q.task_sigma, key, draws.SIZE)))
            points = [
                happens(q.questions_per_task * person.asking / 3.0, key, draws.HAS_QUESTION + k) for k in range(3)
            ]
            days = int(lognormal(q.due_days, q.due_sigma, key, draws.DUE))
            add_task(person, Task(key, size, sum(points), second, due=dates.due_date(person, second, days)))


def work_on(person: "Person") -> None:
    """Take a task if none is in hand, and stay with it until its next point or the next moment."""
    stop = (
        min(person.check, person.lunch, person.round, person.leave, person.next_meeting)
        if person.place == OFFICE
        else min(person.check, person.session_end)
    )
    if person.task is None:
        late = person.desk.overdue(person.clock)
        if late is not None:
            lose_patience(person, late)
            return
        person.task = person.most_pressing()
        person.hurry = False
    if person.task is None:
        takes_up = happens(person.model.q.idle_answers, person.key, draws.ANSWERS_IDLE)
        put_off = person.later.first_due(person.clock) if takes_up else None
        if put_off is not None:
            person.take_up(put_off)
        elif person.place == HOME:
            person.session_end = person.clock
        else:
            person.wake = min([stop, *(item.due for item in person.later if takes_up)])
        return
    if person.task.waited > 0 and recall(person, person.task):
        person.wake = person.clock
        return
    person.focus = True
    if person.engaged is not person.task:
        person.count("switches")
        person.engaged = person.task
    left = person.task.next_point - person.task.done
    person.wake = min(stop, person.clock + max(1, math.ceil(left / person.pace())))


def stop_at_point(person: "Person") -> bool:
    """Put the task that has the focus aside if it has come to a question or to its end."""
    task = person.task
    if task is None or task.done < task.next_point:
        return False
    person.focus = False
    person.task = person.engaged = None
    if task.asked < task.questions:
        stop_for_question(person, task)
    else:
        finish(person, task)
    return True


def stop_for_question(person: "Person", task: Task) -> None:
    """Search, ask and set the task aside."""
    q, number = person.model.q, task.asked
    task.asked += 1
    task.reasked = task.passed_on = False
    task.thread = child(task.key, draws.QUESTION_KEY + number)
    person.spend(int(60.0 * lognormal(q.search_minutes, q.handling_sigma, task.key, draws.SEARCH + number)), "search")
    person.count("questions")
    if talking.finds(person, task.key, number):
        person.count("found")
        return
    ask(person, task, task.thread, again=False)
    task.state = BLOCKED
    task.since = person.clock


def ask(person: "Person", task: Task, message: int, again: bool) -> None:
    q = person.model.q
    to = whom_to_ask(person, task)
    urgent = again or happens(q.urgent_share, task.thread, draws.URGENT)
    said = talking.how(person, to, message, urgent)
    talking.take_time(person, said, message)
    wait = lognormal(q.wait_minutes, q.wait_sigma, task.draws, draws.WAIT + 2 * task.number + again)
    task.deadline = person.clock + int(60.0 * wait)
    writing.write(person, to, QUESTION, message, task.thread, urgent=urgent, said=said)


def drawn_by_weight(choices: "list[tuple[Person, float]]", v: float) -> "Person":
    """One of some people by their weights: where v falls if these are laid end to end."""
    ends = list(itertools.accumulate(weight for _, weight in choices))
    return next((one for (one, _), end in zip(choices, ends, strict=True) if v * ends[-1] < end), choices[-1][0])


def whom_to_ask(person: "Person", task: Task) -> "Person":
    """The manager, a team mate or somebody elsewhere in the firm."""
    q = person.model.q
    u, v = (uniform(task.draws, which + task.number) for which in (draws.WHOM, draws.WHOM_EXACTLY))
    if u < q.ask_manager and person.manager is not None:
        return person.manager
    if u < q.ask_manager + q.ask_team:
        mate = drawn_by_weight([(mate, mate.asked) for mate in person.team], v)
        if mate is not person:
            return mate
    closeness = [1.0]
    for _ in person.ties[1:]:
        closeness.append(closeness[-1] * q.tie_decay)
    return drawn_by_weight([(tie, near * tie.asked) for tie, near in zip(person.ties, closeness, strict=True)], v)


def finish(person: "Person", task: Task) -> None:
    """At its end a task is done, or a fault goes up to the manager as an exception."""
    q, attempt = person.model.q, task.attempt
    risk = rules.fault_by_default(q, person.care, task.defaults)
    risk = rules.fault_of_interrupted(q, risk, float(task.interrupted))
    if attempt < 2 and happens(risk, task.key, draws.FAULT + attempt):
        person.count("exceptions")
        task.thread = child(task.key, draws.EXCEPTION_KEY + attempt)
        if person.manager is None:
            settle_fault(person, task, decided=True)
            return
        said = talking.how(person, person.manager, task.thread, urgent=True)
        talking.take_time(person, said, task.thread)
        task.state = FAULTY
        task.since = person.clock
        task.deadline = person.clock + int(60.0 * q.wait_minutes * q.exception_wait)
        writing.write(person, person.manager, QUESTION, task.thread, task.thread, urgent=True, said=said)
        return
    complete(person, task, spoiled=0)
    message = child(task.key, draws.ANNOUNCE_KEY)
    if happens(q.announce * person.answering, task.key, draws.ANNOUNCE) and person.team_chat is not None:
        person.spend(writing.writing_seconds(person, message), "message")
        writing.write(person, person.team_chat, BROADCAST, message, message)


def complete(person: "Person", task: Task, spoiled: int) -> None:
    """Book a finished task, less what is lost because it is late, and hand it on."""
    late = lost_by_lateness(person, task.size - spoiled, task.due)
    person.count("spoiled_seconds", spoiled)
    person.count("tasks_done")
    person.count("cycle_seconds", person.clock - task.arrived)
    book_output(person, task.size - spoiled - late, task.made)
    person.desk.remove(task)
    hand_on(person, task)


def lost_by_lateness(person: "Person", work: int, due: int) -> int:
    """Of what is finished after its date a share is lost."""
    if due == 0 or person.clock <= due:
        return 0
    lost = int(work * rules.late_share(person.model.q, (person.clock - due) / 86_400.0))
    person.count("tasks_late")
    person.count("late_seconds", lost)
    return lost


def book_output(person: "Person", output: int, made: dict[str, int]) -> None:
    """Output, and what of it was made in contract hours and on record."""
    person.count("output_seconds", output)
    person.met_today += output
    whole = sum(made.values())
    for kind in ("contract", "recorded"):
        person.count(f"{kind}_output_seconds", output * made[kind] // whole)


def hand_on(person: "Person", task: Task) -> None:
    """A finished task goes on to a colleague, with its date; orders do not, and chains end."""
    q = person.model.q
    if task.steps is None or task.steps >= int(q.chain_most) or not happens(q.hand_on, task.key, draws.HANDED):
        return
    mates = [mate for mate in person.team if mate is not person]
    v = uniform(task.key, draws.HAND_WHOM)
    if mates and happens(q.hand_team, task.key, draws.HAND_TEAM):
        to = mates[int(v * len(mates))]
    else:
        to = person.ties[int(v * len(person.ties))]
    key = child(task.key, draws.HANDED_KEY)
    said = talking.how(person, to, key, urgent=False)
    talking.take_time(person, said, key)
    size = max(120, int(60.0 * lognormal(q.task_minutes, q.task_sigma, key, draws.WORK)))
    writing.write(person, to, ASSIGNMENT, key, key, said=said, work=size, wanted=task.due, steps=task.steps + 1)
    person.count("hand_offs")


def take_first(person: "Person") -> None:
    """Of what is overdue, the task with the earliest date goes before all others."""
    late = person.desk.late(person.clock)
    if late:
        min(late, key=lambda task: task.due).chased = True


def settle_fault(person: "Person", task: Task, decided: bool) -> None:
    """A faulty task is done again in part if the manager says so, or let pass with a loss."""
    q = person.model.q
    if decided and happens(q.verdict_rework, task.key, draws.VERDICT + task.attempt):
        again = int(q.rework_share * task.size)
        person.count("rework_seconds", again)
        task.done = task.size - again
        task.attempt += 1
        task.state = READY
    else:
        complete(person, task, spoiled=int(q.spoil_share * task.size))


def end_wait(person: "Person", task: Task) -> None:
    task.waited, task.referred = person.clock - task.since, False
    person.count("waiting_seconds", task.waited)


def recall(person: "Person", task: Task) -> int:
    """Where one stood has to be recalled before the work goes on, once after each wait: the seconds of it."""
    seconds = int(rules.recall_seconds(person.model.q, float(task.waited)))
    task.waited = 0
    if seconds > 0:
        person.spend(seconds, "resume")
    return seconds


def go_on_with(person: "Person", thread: int) -> None:
    """Let the task that waited for an answer in this thread go on."""
    task = person.desk.waiting_for(thread)
    if task is None:
        return
    knows = rules.knows(person.model.q, talking.sees_work(person))
    if task.state == BLOCKED and not happens(knows, thread, draws.KNOWS):
        person.count("referred")
        task.thread, task.deadline = child(thread, draws.REFERRED_KEY), person.clock
        task.referred = task.passed_on = True
        return
    end_wait(person, task)
    person.count("unblocked")
    if task.state == FAULTY:
        settle_fault(person, task, decided=True)
    else:
        task.state = READY


def lose_patience(person: "Person", task: Task) -> None:
    """An answer is overdue: ask somebody else who was named, ask again once, or go on without it."""
    q = person.model.q
    if task.referred:
        task.referred = task.reasked = False
        ask(person, task, task.thread, again=False)
        return
    faulty = task.state == FAULTY
    if not faulty and not task.reasked and happens(q.reask, task.draws, draws.REASK + task.number):
        task.reasked = True
        person.count("reasked")
        ask(person, task, child(task.thread, draws.REASK_KEY), again=True)
        return
    end_wait(person, task)
    person.count("defaults")
    if faulty:
        settle_fault(person, task, decided=False)
    else:
        task.defaults += 1
        task.state = READY
