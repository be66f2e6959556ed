"""Work itself: tasks that need focus, block on questions, go wrong, wait and get done (M1, M8)."""

import numpy as np

from sim import draws
from sim.columns import BLOCKED, BROADCAST, FAULTY, FREE, QUESTION, READY, L, P, S
from sim.compiled import rule
from sim.engine.messages import note, ready_to_write, spend_message, spend_search
from sim.engine.state import TASKS, Reals, T, World
from sim.parameters import Q
from sim.randomness import child, lognormal, uniform


@rule
def add_task(w: World, i: int, size: int, questions: int, second: int, key: np.uint64) -> None:
    """Put a task on a person's desk, or count it as dropped if the desk is full.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    size : int
        Nominal seconds.
    questions : int
        Points at which it will block.
    second : int
        Arrival.
    key : np.uint64
        Identity of the task.
    """
    w.ledger[i, L.tasks_arrived] += 1
    w.ledger[i, L.arrived_work_seconds] += size
    slot = -1
    for k in range(TASKS):
        if w.task[i, k, T.state] == FREE:
            slot = k
            break
    if slot < 0:
        w.ledger[i, L.tasks_dropped] += 1
        w.ledger[i, L.dropped_work_seconds] += size
        return
    w.task_key[i, slot, 0] = key
    w.task_key[i, slot, 1] = np.uint64(0)
    w.task[i, slot, T.size] = size
    w.task[i, slot, T.done] = 0
    w.task[i, slot, T.questions] = questions
    w.task[i, slot, T.asked] = 0
    w.task[i, slot, T.state] = READY
    w.task[i, slot, T.arrived] = second
    w.task[i, slot, T.since] = 0
    w.task[i, slot, T.deadline] = 0
    w.task[i, slot, T.reasked] = 0
    w.task[i, slot, T.defaults] = 0
    w.task[i, slot, T.attempt] = 0


@rule
def backlog(w: World, i: int) -> int:
    """Sum up the work that lies ready.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.

    Returns
    -------
    int
        Nominal seconds.
    """
    total = 0
    for k in range(TASKS):
        if w.task[i, k, T.state] == READY:
            total += int(w.task[i, k, T.size]) - int(w.task[i, k, T.done])
    return total


@rule
def next_point(w: World, i: int, k: int) -> int:
    """Find where a task next stops: at its next question or at its end.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    k : int
        Slot of the task.

    Returns
    -------
    int
        Nominal seconds from its beginning.
    """
    asked = int(w.task[i, k, T.asked])
    questions = int(w.task[i, k, T.questions])
    size = int(w.task[i, k, T.size])
    return size if asked >= questions else size * (asked + 1) // (questions + 1)


@rule
def whom_to_ask(w: World, p: Reals, i: int, key: np.uint64, number: int) -> int:
    """Choose the colleague who is asked: manager, team mate or contact elsewhere in the firm.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    key : np.uint64
        Identity of the task.
    number : int
        Number of the question.

    Returns
    -------
    int
        Row of the colleague, or -1 if there is none.
    """
    u = uniform(key, draws.WHOM + number)
    v = uniform(key, draws.WHOM_EXACTLY + number)
    boss = w.seat[i, P.manager]
    if u < p[Q.ask_manager] and boss >= 0:
        return boss
    size = w.seat[i, P.team_size]
    if u < p[Q.ask_manager] + p[Q.ask_team] and size > 1:
        mate = w.seat[i, P.team_first] + int(v * size)
        if mate != i:
            return mate
    contact = w.seat[i, P.tie0 + int(v * 4.0)]
    return contact if contact != i else boss


@rule
def ask(w: World, p: Reals, i: int, k: int, again: int) -> None:
    """Write the question that a task waits for.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    k : int
        Slot of the task; its ``asked`` counts this question.
    again : int
        1 if the question is asked for the second time.
    """
    key = w.task_key[i, k, 0]
    number = int(w.task[i, k, T.asked]) - 1
    thread = w.task_key[i, k, 1]
    message = child(thread, draws.REASK) if again == 1 else thread
    to = whom_to_ask(w, p, i, key, number)
    urgent = 1 if uniform(thread, draws.URGENT) < p[Q.urgent_share] or again == 1 else 0
    spend_message(w, p, i, ready_to_write(p, message))
    w.task[i, k, T.deadline] = w.seat[i, P.clock] + int(
        60.0 * lognormal(p[Q.wait_minutes], p[Q.wait_sigma], key, draws.WAIT + 2 * number + again)
    )
    if to >= 0:
        note(w, i, to, QUESTION, urgent, 0, 0, 0, message, thread)


@rule
def stop_for_question(w: World, p: Reals, i: int, k: int) -> None:
    """Search, ask and set the task aside (M1).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    k : int
        Slot of the task.
    """
    key = w.task_key[i, k, 0]
    number = int(w.task[i, k, T.asked])
    w.task[i, k, T.asked] = number + 1
    w.task[i, k, T.reasked] = 0
    w.task_key[i, k, 1] = child(key, draws.QUESTION_KEY + number)
    spend_search(w, i, int(60.0 * lognormal(p[Q.search_minutes], p[Q.handling_sigma], key, draws.SEARCH + number)))
    w.ledger[i, L.questions] += 1
    ask(w, p, i, k, 0)
    w.task[i, k, T.state] = BLOCKED
    w.task[i, k, T.since] = w.seat[i, P.clock]


@rule
def complete(w: World, i: int, k: int, spoiled: int) -> None:
    """Book a finished task.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    k : int
        Slot of the task.
    spoiled : int
        Nominal seconds lost to a fault that was let pass.
    """
    size = int(w.task[i, k, T.size])
    w.ledger[i, L.output_seconds] += size - spoiled
    w.ledger[i, L.spoiled_seconds] += spoiled
    w.ledger[i, L.tasks_done] += 1
    w.ledger[i, L.cycle_seconds] += w.seat[i, P.clock] - int(w.task[i, k, T.arrived])
    w.seat[i, P.met_today] += size - spoiled
    w.task[i, k, T.state] = FREE


@rule
def settle_fault(w: World, p: Reals, i: int, k: int, decided: int) -> None:
    """End a faulty task's wait: it is done again in part, or let pass with a loss (M8).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    k : int
        Slot of the task.
    decided : int
        1 if the manager answered; 0 if nobody did, and the fault is let pass.
    """
    key = w.task_key[i, k, 0]
    attempt = int(w.task[i, k, T.attempt])
    size = int(w.task[i, k, T.size])
    if decided == 1 and uniform(key, draws.VERDICT + attempt) < p[Q.verdict_rework]:
        again = int(p[Q.rework_share] * size)
        w.ledger[i, L.rework_seconds] += again
        w.task[i, k, T.done] = size - again
        w.task[i, k, T.attempt] = attempt + 1
        w.task[i, k, T.state] = READY
    else:
        complete(w, i, k, int(p[Q.spoil_share] * size))


@rule
def finish(w: World, p: Reals, i: int, k: int) -> None:
    """Check a task at its end: it is done, or a fault goes up to the manager as an exception (M1, M8).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    k : int
        Slot of the task.
    """
    key = w.task_key[i, k, 0]
    attempt = int(w.task[i, k, T.attempt])
    risk = w.real[i, S.care] + p[Q.default_risk] * float(w.task[i, k, T.defaults])
    if attempt < 2 and uniform(key, draws.FAULT + attempt) < risk:
        w.ledger[i, L.exceptions] += 1
        boss = w.seat[i, P.manager]
        thread = child(key, draws.EXCEPTION_KEY + attempt)
        w.task_key[i, k, 1] = thread
        if boss < 0:
            settle_fault(w, p, i, k, 1)
            return
        spend_message(w, p, i, ready_to_write(p, thread))
        w.task[i, k, T.state] = FAULTY
        w.task[i, k, T.since] = w.seat[i, P.clock]
        w.task[i, k, T.deadline] = w.seat[i, P.clock] + int(60.0 * p[Q.wait_minutes] * 2.0)
        note(w, i, boss, QUESTION, 1, 0, 0, 0, thread, thread)
        return
    complete(w, i, k, 0)
    message = child(key, draws.ANNOUNCE_KEY)
    if uniform(key, draws.ANNOUNCE) < p[Q.announce] and w.seat[i, P.own_team_chat] >= 0:
        spend_message(w, p, i, ready_to_write(p, message))
        note(w, i, -1 - w.seat[i, P.own_team_chat], BROADCAST, 0, 1, 0, 0, message, message)


@rule
def answered(w: World, p: Reals, i: int, thread: np.uint64) -> None:
    """Let the task that waited for this thread go on.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person who read the answer.
    thread : np.uint64
        Identity of the thread.
    """
    for k in range(TASKS):
        state = w.task[i, k, T.state]
        if state in (BLOCKED, FAULTY) and w.task_key[i, k, 1] == thread:
            w.ledger[i, L.waiting_seconds] += w.seat[i, P.clock] - int(w.task[i, k, T.since])
            w.ledger[i, L.unblocked] += 1
            if state == FAULTY:
                settle_fault(w, p, i, k, 1)
            else:
                w.task[i, k, T.state] = READY
            return


@rule
def lose_patience(w: World, p: Reals, i: int, k: int) -> None:
    """Ask again, or go on by default, when an answer is overdue (M8).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    k : int
        Slot of the task.
    """
    number = int(w.task[i, k, T.asked]) - 1
    faulty = w.task[i, k, T.state] == FAULTY
    again = (
        not faulty and w.task[i, k, T.reasked] == 0 and uniform(w.task_key[i, k, 0], draws.REASK + number) < p[Q.reask]
    )
    if again:
        w.task[i, k, T.reasked] = 1
        w.ledger[i, L.reasked] += 1
        ask(w, p, i, k, 1)
        return
    w.ledger[i, L.waiting_seconds] += w.seat[i, P.clock] - int(w.task[i, k, T.since])
    w.ledger[i, L.defaults] += 1
    if faulty:
        settle_fault(w, p, i, k, 0)
    else:
        w.task[i, k, T.defaults] += 1
        w.task[i, k, T.state] = READY


@rule
def overdue(w: World, i: int) -> int:
    """Find a task whose wait has lasted too long.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.

    Returns
    -------
    int
        Slot, or -1 if there is none.
    """
    for k in range(TASKS):
        state = w.task[i, k, T.state]
        if state in (BLOCKED, FAULTY) and int(w.task[i, k, T.deadline]) <= w.seat[i, P.clock]:
            return k
    return -1


@rule
def oldest_ready(w: World, i: int, but: int) -> int:
    """Choose the task to work on: the one that came first.

    Parameters
    ----------
    w : World
        All arrays.
    i : int
        Row of the person.
    but : int
        Slot that is taken only if there is no other, -1 for none.

    Returns
    -------
    int
        Slot, or -1 if nothing lies ready.
    """
    best = -1
    for k in range(TASKS):
        if (
            w.task[i, k, T.state] == READY
            and k != but
            and (best < 0 or w.task[i, k, T.arrived] < w.task[i, best, T.arrived])
        ):
            best = k
    if best < 0 and but >= 0 and w.task[i, but, T.state] == READY:
        return but
    return best


@rule
def arrivals(w: World, p: Reals, i: int, second: int) -> None:
    """Put the day's new tasks on the desk: candidates of the day, kept where their draw allows (M1).

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    second : int
        Start of the working day.
    """
    rate = p[Q.tasks_per_day] * w.real[i, S.workload] / 12.0
    for j in range(12):
        if uniform(w.day_key[i], draws.ARRIVAL + j) < rate:
            key = child(w.day_key[i], draws.TASK_KEY + j)
            size = max(120, int(60.0 * lognormal(p[Q.task_minutes], p[Q.task_sigma], key, draws.SIZE)))
            questions = 0
            for n in range(3):
                if uniform(key, draws.HAS_QUESTION + n) < p[Q.questions_per_task] / 3.0:
                    questions += 1
            add_task(w, i, size, questions, second, key)


@rule
def assigned(w: World, p: Reals, i: int, work: int, message: np.uint64) -> None:
    """Turn an assignment that was read into a task.

    Parameters
    ----------
    w : World
        All arrays.
    p : Reals
        Parameters.
    i : int
        Row of the person.
    work : int
        Nominal seconds.
    message : np.uint64
        Identity of the assignment.
    """
    key = child(message ^ w.seat_key[i], draws.ASSIGNED_KEY)  # an order to a group is a task of each
    questions = 1 if uniform(key, draws.HAS_QUESTION) < p[Q.questions_per_task] / 3.0 else 0
    add_task(w, i, work, questions, w.seat[i, P.clock], key)
