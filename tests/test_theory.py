"""Limits that theory knows: the queue of the textbook, Little's law, exponential recovery, autoregression, binomials.

Each statistical bound is derived from a standard error and states its chance of a false alarm; seeds are fixed, so that
an outcome once seen stays.
"""

import math

import numpy as np
import polars as pl
import pytest

from sim.behaviour.dates import own_share
from sim.behaviour.scales import approach
from sim.core.columns import BROADCAST, BURIED, CLEARED, DELIVERED, FREE, IM, OFFICE, READ, L
from sim.core.parameters import Q
from sim.core.randomness import uniform
from sim.core.units import DAY
from sim.engine.day import turn
from sim.engine.delivery import deliver
from sim.engine.state import INBOX, NEVER, TASKS, named, scratch
from sim.engine.tasks import add_task
from sim.model import Workplace
from sim.verify import ledger_totals
from tests.worlds import by_name, column, events, made, ran, scenario, tiny

# --- an inbox is a queue --------------------------------------------------------------------------------------------

SERVICE = 3_600  # seconds that reading one message takes
GRID = 60  # messages are delivered at the end of their minute, so a wait may differ by so much


def poisson_arrivals(n: int, load: float) -> np.ndarray:
    """Seconds at which messages are sent: exponential gaps from the engine's own draws."""
    gaps = [-math.log(uniform(np.uint64(2026), number)) * SERVICE / load for number in range(n)]
    return np.cumsum(gaps).astype(np.int64) + GRID


def reader() -> tuple[Workplace, int]:
    """A person at the office who has nothing to do but to read, and always looks on."""
    raw = {"read_seconds": float(SERVICE), "handling_sigma": 0.0, "react": 1.0, "intrusive_im": 1.0, "cost_im": 1.0}
    model = made(tiny(), raw, firms=[0])
    w, i = model.world, 3
    person = w.person[i]
    person.place, person.clock = OFFICE, 0
    person.check = person.leave = person.lunch = person.start = NEVER
    model.world = w._replace(**scratch(64, 100_000))
    model.world.tally.limit = 2**64 - 1
    person.wake = 0
    return model, i


def serve(model: Workplace, i: int, second: int) -> None:
    """Let the person read until a moment: ``turn`` of the engine, as often as it is due."""
    w, person = model.world, model.world.person[i]
    while person.wake < second:
        unread = person.head < person.tail
        person.browse = 1 if unread and person.alert < 0 else person.browse
        turn(w, named(model.parameters)[0], person)


def waits_in_the_inbox(sent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Feed an inbox by the engine's delivery; give the seconds of delivery, and the waits until reading begins."""
    model, i = reader()
    w, tally = model.world, model.world.tally[0]
    for number, second in enumerate(sent):
        due = int(second) // GRID * GRID + GRID
        serve(model, i, due + 1)  # who looks up in this very second takes the oldest first
        message = w.outbox[0]
        message.key = message.thread = number + 1
        message.sender, message.to, message.kind, message.channel = 4, i, BROADCAST, IM
        message.sent = message.due = second
        message.length = 1_000
        tally.outbox = 1
        deliver(w, named(model.parameters)[0], due)
        assert tally.outbox == 0
    serve(model, i, int(sent[-1]) + INBOX * SERVICE)
    log = w.log[: tally.log]
    delivered, read = (np.sort(log[log.event == event], order="key").second for event in (DELIVERED, READ))
    assert len(delivered) == len(read) == len(sent)
    return delivered, read - delivered - SERVICE


def lindley(arrivals: np.ndarray, service: float) -> np.ndarray:
    """Waits of a first-come-first-served queue with one server, by Lindley's recursion."""
    waits = np.zeros(len(arrivals))
    for n in range(1, len(arrivals)):
        waits[n] = max(0.0, waits[n - 1] + service - (arrivals[n] - arrivals[n - 1]))
    return waits


@pytest.mark.parametrize("load", [0.5, 0.7])
def test_an_inbox_fed_at_random_with_fixed_service_is_the_textbook_s_queue(load: float) -> None:
    """Message for message Lindley's recursion; on average the wait of M/D/1, load x service / 2 (1 - load).

    The standard error comes from 30 batches of the waits; the bound is 5 of them and the grid of a minute: with 29
    degrees of freedom the false alarm is 3e-5. A server that rests between messages, or a second one, is far outside.
    """
    delivered, waits = waits_in_the_inbox(poisson_arrivals(3_000, load))
    assert (waits == lindley(delivered, SERVICE)).all()
    textbook = load * SERVICE / (2.0 * (1.0 - load))
    batches = waits.reshape(30, -1).mean(axis=1)
    error = batches.std(ddof=1) / math.sqrt(30)
    assert abs(waits.mean() - textbook) < 5.0 * error + GRID
    assert 5.0 * error < 0.6 * textbook


# --- a desk with dates is a queue too ---------------------------------------------------------------------------------


def served(due_order: float, load: float, tasks: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Let somebody do tasks of an hour that come at random, with dates 1 to 12 hours off: arrivals, dates, ends."""
    raw = {"due_order": due_order, "late_loss": 0.0, "hand_on": 0.0, "announce": 0.0, "fault_chance": 0.0}
    model = made(tiny(), raw, firms=[0])
    w, p = model.world, named(model.parameters)[0]
    person = w.person[3]
    person.place, person.clock, person.speed, person.care = OFFICE, 0, 1.0, 0.0
    person.check = person.leave = person.lunch = person.start = person.round_at = NEVER
    arrived = poisson_arrivals(tasks, load)
    dates = arrived + np.array([SERVICE * (1 + int(12 * uniform(np.uint64(7), n))) for n in range(tasks)])
    ends = np.zeros(tasks, np.int64)
    waiting: dict[int, int] = {}

    def serve_until(second: int) -> None:
        while waiting and person.wake <= second:
            turn(w, p, person)
            for slot in [slot for slot in waiting if person.tasks[slot].state == FREE]:
                ends[waiting.pop(slot)] = person.clock

    for n, second in enumerate(arrived.tolist()):
        serve_until(second)
        if not waiting:
            person.clock, person.task = max(int(person.clock), second), -1
            person.wake = person.clock
        free = next(slot for slot in range(TASKS) if person.tasks[slot].state == FREE)
        add_task(person, SERVICE, 0, second, np.uint64(n + 1), int(dates[n]), 0)
        waiting[free] = n
    serve_until(NEVER)
    return arrived, dates, ends


def test_a_desk_with_dates_is_the_textbook_s_queue() -> None:
    """Tasks of one size, oldest or earliest date first: ends at the same moments, so one mean wait, that of M/D/1.

    By date fewer are late, and no task is later than the latest of the other order plus its own size (Jackson). The
    bound on the mean is 5 standard errors of 30 batches, as above: false alarm 3e-5.
    """
    load, tasks = 0.7, 1_500
    late, most, moments = [], [], []
    for order in (0.0, 1.0):
        arrived, dates, ends = served(order, load, tasks)
        waits = ends - arrived - SERVICE
        assert waits.min() >= 0
        batches = waits.reshape(30, -1).mean(axis=1)
        error = batches.std(ddof=1) / math.sqrt(30)
        assert abs(waits.mean() - load * SERVICE / (2.0 * (1.0 - load))) < 5.0 * error + 2
        if order == 0.0:
            assert np.abs(waits - lindley(arrived, SERVICE)).max() <= 2 * TASKS
        moments.append(np.sort(ends))
        late.append((ends > dates).mean())
        most.append((ends - dates).max())
    assert np.abs(moments[0] - moments[1]).max() <= 2 * TASKS
    assert late[1] < 0.8 * late[0]
    assert most[1] <= most[0] + SERVICE


def test_chains_of_hand_offs_are_geometric() -> None:
    """A chance h makes 1 / (1 - h) pieces of a chain on average; with a longest chain, the partial sum."""
    for h, longest in ((0.0, 6.0), (0.3, 0.0), (0.3, 6.0), (0.8, 20.0)):
        pieces = 1.0 / own_share(by_name(hand_on=h, chain_most=longest))
        assert pieces == pytest.approx((1.0 - h ** (longest + 1)) / (1.0 - h), rel=1e-12)
    raw = {"hand_on": 0.5, "chain_most": 20.0, "due_days": 30.0, "manager_messages": 0.0, "initiative_manager": 0.0}
    total = ledger_totals(ran(scenario(weeks=8), raw=raw))
    handed = total[:, L.handed_work_seconds].sum() / total[:, L.arrived_work_seconds].sum()
    assert handed == pytest.approx(0.5, abs=0.05)  # of 1 / (1 - h) = 2 pieces one; some are still on their way


@pytest.mark.smallworld
def test_a_few_messages_wait_for_each_other() -> None:
    """Three messages in one minute and one much later: waits of 0, 1, 2 and 0 services; also without compilation."""
    _, waits = waits_in_the_inbox(np.array([100, 105, 110, 50_000]))
    assert waits.tolist() == [0, SERVICE, 2 * SERVICE, 0]


def test_messages_that_wait_for_nobody_wait_for_nothing() -> None:
    """The recursion alone, over 400,000 arrivals: within 5 standard errors (200 batches, false alarm 1e-6) of M/D/1."""
    for load in (0.5, 0.8):
        rng = np.random.default_rng(5)
        waits = lindley(np.cumsum(rng.exponential(1.0 / load, 400_000)), 1.0)
        batches = waits.reshape(200, -1).mean(axis=1)
        assert abs(waits.mean() - load / (2.0 * (1.0 - load))) < 5.0 * batches.std(ddof=1) / math.sqrt(200)


# --- Little's law ---------------------------------------------------------------------------------------------------


def stays(model: Workplace) -> pl.DataFrame:
    """Delivery of each message to each person, and the second at which it left the inbox (null: still unread)."""
    log = events(model)
    came = log.filter(pl.col("event") == DELIVERED).select("message", "person", came="second")
    went = log.filter(pl.col("event").is_in([READ, BURIED, CLEARED])).select("message", "person", went="second")
    assert len(went) == went.select("message", "person").n_unique()
    return came.join(went, on=["message", "person"], how="left")


def unread(model: Workplace) -> int:
    """Count unread messages in the inboxes themselves."""
    w, found = model.world, 0
    for i in range(len(w.person)):
        for number in range(w.person[i].head, w.person[i].tail):
            found += int(w.person[i].inbox[number % INBOX].unread == 1)
    return found


def test_inboxes_hold_what_the_log_says() -> None:
    """Every midnight of two weeks: unread by the arrays, and delivered but not gone by the log."""
    model = made(scenario(weeks=2), log_share=1.0)
    seen = []
    for day in range(1, 15):
        model.step()
        seen.append((day * DAY, unread(model)))
    table = stays(model)
    for second, number in seen:
        inside = table.filter((pl.col("came") < second) & (pl.col("went").is_null() | (pl.col("went") >= second)))
        late = table.filter(pl.col("came").is_between(second, second + GRID, closed="left"))  # written past midnight
        busy = table.filter(pl.col("went").is_between(second, second + 3_600, closed="left"))  # still being read
        assert -len(late) <= len(inside) - number <= len(busy), second
    assert max(number for _, number in seen) > 100


def test_little_s_law(today: Workplace) -> None:
    """Mean number of unread messages = arrivals per second x mean stay, over weeks two to four.

    L is integrated from comings and goings in time, W is the mean over messages. The two differ only by stays that the
    window cuts: the bound is the seconds of these, summed up, so that there is no false alarm.
    """
    table = stays(today).with_columns(pl.col("went").fill_null(28 * DAY + DAY))
    begin, end = 7 * DAY, 28 * DAY
    changes = (table.select(at=name, step=pl.lit(step)) for name, step in (("came", 1), ("went", -1)))
    marks = pl.concat(changes).sort("at", "step")
    at, number = marks["at"].to_numpy(), marks["step"].cum_sum().to_numpy()
    assert number.min() >= 0
    clipped = np.clip(np.append(at, end), begin, end)
    mean_number = float((number * np.diff(clipped)).sum()) / (end - begin)
    arrived = table.filter(pl.col("came").is_between(begin, end, closed="left"))
    per_second = len(arrived) / (end - begin)
    mean_stay = float((arrived["went"] - arrived["came"]).mean())
    gone = pl.col("went")
    cut_before = table.filter(pl.col("came") < begin, gone > begin).select((gone - begin).sum()).item()
    cut_after = arrived.filter(gone > end).select((gone - end).sum()).item()
    assert abs(mean_number - per_second * mean_stay) <= (cut_before + cut_after) / (end - begin) + 1e-9
    assert mean_number == pytest.approx(per_second * mean_stay, rel=0.1)
    assert mean_number > 10.0


# --- recovery -------------------------------------------------------------------------------------------------------


def holiday(raw: dict[str, float], **setting: object) -> Workplace:
    """People without messages, tasks, working days and anything that ties one state to another."""
    nothing = {"tasks_per_day": 0.0, "fatigue_detachment": 0.0, "conflict_feedback": 0.0, "detach_expectation": 0.0}
    model = made(tiny(off=["m1", "m4", "m13", "m17"], **setting), nothing | raw, firms=[0])
    model.world.workday[:] = 0
    return model


def assert_exponential(values: list[np.ndarray], target: np.ndarray | float, days: float) -> None:
    """The distance to the target falls by exp(-1/days) each day, to rounding."""
    distance = np.array(values) - target
    expected = distance[0] * np.exp(-np.arange(len(values))[:, None] / days)
    assert distance == pytest.approx(expected, rel=1e-7, abs=1e-9)
    assert np.abs(distance[0]).min() > 0.05


@pytest.mark.smallworld
@pytest.mark.parametrize("days", [1.0, 2.0, 3.0])
def test_fatigue_without_messages_and_work_fades_with_its_time_constant(days: float) -> None:
    """Towards what no work, no interruption and this much sleep mean; everybody, day by day."""
    model = holiday({"fatigue_days": days})
    model.world.person.fatigue = 2.0
    p, values = model.parameters, [column(model, "fatigue")]
    for _ in range(7):
        model.step()
        values.append(column(model, "fatigue"))
        assert ledger_totals(model)[:, [L.sent, L.received, L.office_task_seconds]].sum() == 0
    slept = column(model, "sleep")
    target = -6.5 * p[Q.fatigue_hours] - 20.0 * p[Q.fatigue_interruption] + p[Q.fatigue_sleep] * (420.0 - slept) / 60.0
    assert_exponential(values, target, days)


@pytest.mark.smallworld
def test_detachment_comes_back_with_its_time_constant() -> None:
    """Towards full detachment, if nothing is expected."""
    model = holiday({"detachment_days": 4.0})
    model.world.person.detachment = 0.3
    values = [column(model, "detachment")]
    for _ in range(7):
        model.step()
        values.append(column(model, "detachment"))
    assert_exponential(values, 1.0, 4.0)


@pytest.mark.parametrize("days", [40.0, 120.0])
def test_exhaustion_without_messages_and_work_fades_with_its_time_constant(days: float) -> None:
    """Twenty weeks of holiday: by 1 - exp(-140 / days) of the way to where rest leads, trait untouched."""
    still = {"exhaustion_days": days, "fatigue_hours": 0.0, "fatigue_interruption": 0.0, "fatigue_sleep": 0.0}
    model = holiday(still | {"exhaustion_emotion": 0.0}, weeks=20)
    model.world.person.fatigue = 0.0
    model.world.person.detachment = 1.0
    model.world.person.exhaustion_state = 1.5
    traits, values = column(model, "exhaustion_trait"), [column(model, "exhaustion_state")]
    for _ in range(140):
        model.step()
        values.append(column(model, "exhaustion_state"))
    assert_exponential(values, 0.0, days)
    assert (column(model, "exhaustion_trait") == traits).all()


def test_exhaustion_is_a_slow_average_of_fatigue_and_detachment() -> None:
    """Six weeks of ordinary work: the first-order recursion, written out again, gives every person's every day."""
    model = made(scenario(weeks=6), {"exhaustion_emotion": 0.0, "exit_rate": 0.0})
    p = model.parameters
    keep = math.exp(-1.0 / p[Q.exhaustion_days])
    state = column(model, "exhaustion_state")
    for _ in range(42):
        model.step()
        push = p[Q.exhaustion_fatigue] * column(model, "fatigue") + p[Q.exhaustion_detachment] * (
            1.0 - column(model, "detachment")
        )
        state = keep * state + (1.0 - keep) * push
        assert column(model, "exhaustion_state") == pytest.approx(state, rel=1e-10, abs=1e-12)


def autocorrelation_time(x: np.ndarray) -> float:
    """Integrated autocorrelation time with Sokal's window of five times itself."""
    f = np.fft.rfft(x - x.mean(), 2 * len(x))
    rho = np.fft.irfft(f * np.conj(f))[: len(x)]
    times = 2.0 * np.cumsum(rho / rho[0]) - 1.0
    window = int(np.argmax(np.arange(len(times)) >= 5.0 * times))
    return float(times[window])


def test_a_state_pushed_by_noise_is_an_autoregression() -> None:
    """With a = 0.9 a day the autocorrelation time is (1 + a) / (1 - a) = 19 days, as the textbook has it.

    200,000 days: standard error 19 sqrt(2 (2 x 95 + 1) / 200,000) = 0.83; bound 5 of them: false alarm 6e-7. The
    correlation of neighbours has the standard error sqrt((1 - a^2) / n) = 0.001; bound 6 of them.
    """
    days = -1.0 / math.log(0.9)
    rng = np.random.default_rng(11)
    state, path = 0.0, np.empty(200_000)
    for n, push in enumerate(rng.standard_normal(len(path))):
        state = approach(state, float(push), days)
        path[n] = state
    assert abs(autocorrelation_time(path) - 19.0) < 5.0 * 0.83
    assert abs(np.corrcoef(path[:-1], path[1:])[0, 1] - 0.9) < 6.0 * 0.001


# --- counts ---------------------------------------------------------------------------------------------------------


def test_tasks_arrive_as_often_as_the_table_says() -> None:
    """Without assignments, hand-offs, outsiders: 12 candidates a working day, each kept with the chance of the person.

    A sum of independent binomials; the bound is 5 standard deviations: false alarm 6e-7.
    """
    model = ran(scenario(people=150, weeks=8, off=["m1", "m4", "m15", "m17"]), raw={"exit_rate": 0.0})
    total = ledger_totals(model)
    chance = np.minimum(model.parameters[Q.tasks_per_day] * column(model, "workload") / 12.0, 1.0)
    days = total[:, L.workdays]
    expected, variance = (12 * days * chance).sum(), (12 * days * chance * (1.0 - chance)).sum()
    assert abs(total[:, L.tasks_arrived].sum() - expected) < 5.0 * math.sqrt(variance)


def test_people_are_ill_as_often_as_the_table_says() -> None:
    """Nobody burnt out and no leave: absences are binomial over working days; bound 5 standard deviations: 6e-7."""
    raw = {"burnout_cutoff": 99.0, "leave_days": 0.0, "exit_rate": 0.0}
    model = ran(scenario(people=200, weeks=10), raw=raw)
    total = ledger_totals(model)
    days, rate = 50 * len(total), model.parameters[Q.absence_rate]
    assert (total[:, [L.workdays, L.absent_days]].sum(axis=1) == 50).all()
    assert abs(total[:, L.absent_days].sum() - days * rate) < 5.0 * math.sqrt(days * rate * (1.0 - rate))


def test_everybody_takes_the_leave_of_the_year() -> None:
    """52 weeks without illness: five working days away for each person, to the day."""
    model = ran(scenario(people=60, weeks=52), raw={"absence_rate": 0.0, "exit_rate": 0.0, "leave_days": 5.0})
    assert (ledger_totals(model)[:, L.absent_days] == 5).all()
