"""A person, and what the person does in a day: turn after turn, until the minute is over."""

from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING

import mesa

from sim.core import draws
from sim.core.columns import CHANNELS, HOME, OFF, OFFICE, READY, Ledger, S, State
from tests.twin import dates, hours, post, reading, rules, talking, work, writing
from tests.twin.chance import child, happens, lognormal, uniform
from tests.twin.things import (
    DAY,
    INBOX,
    NEVER,
    Chat,
    Desk,
    Inbox,
    Kept,
    Later,
    LaterList,
    Letter,
    Meeting,
    Message,
    Task,
)

if TYPE_CHECKING:
    from tests.twin.firm import Company
    from tests.twin.world import Twin

PLACES = {OFF: "home", OFFICE: "office", HOME: "home"}  # under which the ledger books working time


class Person(mesa.Agent):
    """Somebody in a seat of a firm."""

    model: "Twin"
    rule: SimpleNamespace  # today, by the names of ``sim.core.columns.Rule``

    def __init__(self, model: "Twin", firm: "Company", row: int, key: int, state: Sequence[float]) -> None:
        super().__init__(model)
        self.firm, self.row, self.key = firm, row, key
        for name, number in zip(State._fields, S, strict=True):
            setattr(self, name, state[number])
        # the place in the firm; the model fills it in when everybody is there
        self.role = 0
        self.manages = False
        self.manager: Person | None = None
        self.team: list[Person] = []  # the own team, with oneself but without its manager
        self.led: list[Person] = []
        self.below: list[Person] = []  # managers who report to this one
        self.ties: list[Person] = []
        self.team_chat: Chat | None = None
        self.led_chat: Chat | None = None
        self.chats: list[Chat] = []
        self.leads = -1  # number of the team
        self.partner, self.part_time, self.site = False, False, 0
        self.hired = 0
        self.generation = 0
        # things
        self.inbox = Inbox()
        self.later = LaterList()
        self.kept: list[Kept] = []  # orders and hand-offs that wait for a moment at work
        self.overdue_tasks = 0  # this morning
        self.desk_work = 0  # nominal seconds that lay on the desk at the end of last week
        self.desk = Desk()
        self.written: list[Message] = []  # in this turn
        self.ledger = dict.fromkeys(Ledger._fields, 0)
        # the moving parts of the day
        self.day_key = 0
        self.place = OFF
        self.clock = 0  # seconds up to which time is accounted
        self.wake = NEVER
        self.outsider = NEVER  # second at which the next outsider writes
        self.outside_number = 0
        self.start = self.lunch = self.leave = self.session = self.session_end = self.check = NEVER
        self.block = 0
        self.bed = 0
        self.contract_start = self.contract_end = 0
        self.rest_from = -6 * 3_600  # second at which work last ended
        self.best_rest = 0  # the longest since the last working day
        self.stayed = self.arrived = self.late_check = False
        self.task: Task | None = None  # in hand
        self.focus = False
        self.engaged: Task | None = None  # last worked on without a break
        self.hurry = False
        self.alert: Letter | None = None
        self.alert_at = 0
        self.disturbed = 0  # alerts left alone since the last turn at a task
        self.awaited: Letter | None = None  # the last answer that came for a task that waited for it
        self.talking = False  # the message that is up is being said
        self.meetings: list[Meeting] = []  # still to come today
        self.met_week = self.news_today = self.meetings_today = 0  # seconds of meetings; group news read, and meetings
        self.browse = 0  # messages that may still be taken from the inbox at this check
        self.load = self.requests = self.responses = 0
        self.obligated_today = self.chosen_today = self.worked_today = self.overtime_today = 0
        self.interrupted_today = self.met_today = 0
        self.emergency = 0  # calls used this week
        self.worked_week = self.recorded_week = 0
        self.office_today = 0
        self.left_at = -54 * 3_600  # second at which the office was last left
        self.round = NEVER  # second at which kept-back alerts are given next
        self.marks = 0  # messages marked urgent today
        self.unanswered = 0  # own questions open at the end of the last day of work

    @property
    def exhaustion(self) -> float:
        return self.exhaustion_trait + self.exhaustion_state

    @property
    def burnt_out(self) -> bool:
        return rules.burnout(self.exhaustion, self.cynicism) > self.model.q.burnout_cutoff

    @property
    def opening(self) -> int:
        """Second of the day at which contract hours start, on the person's own shift."""
        return rules.shifted_opening(
            self.model.q,
            self.firm.opening,
            self.model.q.hours_spread + self.rule.flexible,
            uniform(self.key, draws.SHIFT),
        )

    def next_opening(self, second: int) -> int:
        return hours.next_opening(self, second)

    def outside(self, second: int) -> bool:
        """Whether a moment lies outside contract hours."""
        return not self.contract_start <= second < self.contract_end

    @property
    def open_chats(self) -> list[Chat]:
        """The project chats that a limit leaves, besides those of the teams."""
        limit = int(self.rule.group_limit)
        teams = {id(chat) for chat in (self.team_chat, self.led_chat) if chat is not None}
        return self.chats[: max(limit - len(teams), 0)] if limit > 0 else self.chats

    @property
    def is_in_today(self) -> bool:
        return self.contract_start < self.contract_end

    @property
    def next_meeting(self) -> float:
        return self.meetings[0].start if self.meetings else NEVER

    def follows(self, chat: Chat) -> bool:
        """Whether the person gets what is written in a chat."""
        limited = self.rule.group_limit > 0.0
        return not limited or any(chat is one for one in (self.team_chat, self.led_chat, *self.open_chats))

    def count(self, name: str, amount: int = 1) -> None:
        self.ledger[name] += amount

    def most_pressing(self, but: Task | None = None) -> Task | None:
        """The task to work on next."""
        return self.desk.most_pressing(partial(rules.priority, self.model.q), but)

    # ---- time

    def within_contract(self, begin: int, end: int) -> int:
        """Seconds of a span that lie in contract hours."""
        if self.contract_start <= begin and end <= self.contract_end:
            return end - begin
        return max(0, min(end, self.contract_end) - max(begin, self.contract_start))

    def spend(self, seconds: int, on: str) -> None:
        """Work: book the time, and what of it lies outside contract hours as overtime."""
        begin, end = self.clock, self.clock + seconds
        self.best_rest = max(self.best_rest, begin - self.rest_from)
        self.clock = self.rest_from = end
        self.worked_today += seconds
        self.count(f"{PLACES[self.place]}_{on}_seconds", seconds)
        late = seconds - self.within_contract(begin, end)
        if self.place == OFFICE:
            self.office_today += seconds
            self.overtime_today += late
        if late > 0:
            self.count("recorded_overtime_seconds" if self.place == OFFICE else "latent_overtime_seconds", late)

    def book_off(self, begin: int, chosen: bool) -> int:
        """Book work on messages in free time, by choice or by obligation, but for what lies in contract hours."""
        seconds = self.clock - begin - self.within_contract(begin, self.clock)
        self.count("hidden_overtime_seconds", seconds)
        if chosen:
            self.count("chosen_seconds", seconds)
            self.chosen_today += seconds
        else:
            self.count("obligated_seconds", seconds)
            self.obligated_today += seconds
        return seconds

    def book_time(self, now: int) -> None:
        """Book the time since the last turn, and the progress of the task in hand."""
        span = now - self.clock
        if span <= 0:
            return
        if self.place == OFF:
            self.count("off_seconds", span)
            self.clock = now
        elif self.focus:
            lost = min(span, self.disturbed * int(self.model.q.inhibition_seconds))
            self.disturbed = 0
            self.lose_to_messages(lost)
            span -= lost
            if span == 0:
                return
            gain = min(max(1, int(span * self.pace())), self.task.next_point - self.task.done)
            self.task.done += gain
            inside = gain * self.within_contract(self.clock, now) // span
            self.task.made["contract"] += inside
            self.task.made["recorded" if self.place == OFFICE else "latent"] += gain - inside
            self.spend(span, "task")
        else:
            self.spend(span, "idle")

    def lose_to_messages(self, seconds: int) -> None:
        """Time for messages in which none is read."""
        if seconds > 0:
            self.spend(seconds, "message")
            self.count("looking_seconds", seconds)

    def pace(self) -> float:
        """Nominal work per second."""
        return rules.hurried(self.model.q, self.speed, int(self.hurry))

    def set_next_moment(self, after: int) -> None:
        """Moments of self-interruption: one in each ten minutes at work, in each half hour of free time."""
        midnight = after // DAY * DAY
        block = (after - midnight) // 600 + 1
        width = 600
        if self.place == OFF:
            block = max((block + 2) // 3 * 3, int(3_600 * self.model.q.moment_clock) // 600)
            width = 1_800
        at = midnight + 600 * block + int(width * uniform(self.day_key, draws.MOMENT + block))
        self.block = block
        self.check = at if at < self.bed else NEVER

    def go(self, place: int) -> None:
        if self.place == OFFICE:
            self.left_at = self.clock
        self.place = place
        self.focus = False
        self.browse = 0
        self.set_next_moment(self.clock)

    def next_when_off(self) -> int:
        """When somebody who is free is due next."""
        due = min(self.check, self.start, self.session)
        if self.alert is not None:
            due = min(due, self.alert_at)
        return max(due, self.clock)

    # ---- turns

    def turn(self) -> None:
        """Book time and do one thing; what it has written leaves at its end."""
        self.book_time(self.wake)
        self.do_one_thing(self.focus and work.stop_at_point(self))
        for message in self.written:
            post.send(message)
        self.written.clear()

    def do_one_thing(self, stopped: bool) -> None:
        """Take the message that is up; or else what was put off, if its time has come; or else choose what to do."""
        if not self.message_is_up():
            looks = self.place != OFF and (self.browse > 0 or stopped)
            put_off = self.later.first_due(self.clock) if looks else None
            if put_off is not None:
                self.take_up(put_off)
                return
            if stopped:
                self.wake = self.clock
                return
            self.focus = False
            self.choose()
        if self.message_is_up():
            self.take_message()

    def message_is_up(self) -> bool:
        return self.alert is not None and self.alert_at <= self.clock

    def take_message(self) -> None:
        """Handle the message that is up, and come back to what it interrupted."""
        letter, self.alert = self.alert, None
        said, self.talking = self.talking, False
        if letter.open and (self.place != OFF or hours.may_work_off(self, self.clock)):
            was_focused = self.focus
            before = self.clock
            if self.place != OFF:
                self.count("switches")
            self.engaged = None
            (reading.hear if said else reading.handle)(self, letter)
            if self.place == HOME:
                self.count("hidden_overtime_seconds", self.clock - before)
                self.count(f"after_seconds_{CHANNELS[letter.message.channel]}", self.clock - before)
                if letter.message.sender is None:
                    self.count("outside_after_seconds", self.clock - before)
            if said and letter.message.is_answer:
                self.focus, self.task = False, None
            elif was_focused:
                self.come_back(letter.message.key ^ self.key)
        self.wake = self.clock
        if self.place == OFF and self.browse == 0:
            self.wake = self.next_when_off()

    def come_back(self, key: int) -> None:
        """Return to a task after an interruption: a lag, some haste, sometimes another task."""
        self.count("interruptions")
        self.interrupted_today += 1
        self.focus = False
        self.hurry = True
        if self.task is not None:
            self.task.interrupted += 1
        self.spend_lag(key, 1.0)
        if self.task is not None and happens(self.model.q.displace, key, draws.DISPLACE):
            self.task = self.most_pressing(but=self.task)

    def spend_lag(self, key: int, part: float) -> None:
        """The time until a task is going again, or a part of it."""
        q = self.model.q
        lag = min(int(lognormal(q.resume_seconds, q.resume_sigma, key, draws.RESUME)), int(60 * q.resume_most))
        lag = int(part * lag)
        if lag > 0:
            self.spend(lag, "resume")

    def take_up(self, item: Later) -> None:
        """Write the answer that was put off."""
        self.later.remove(item)
        reading.answer(self, item.message, item.here)
        self.count("switches")
        self.engaged = None
        self.focus = False
        self.wake = self.clock

    def choose(self) -> None:
        if self.place == OFF:
            self.choose_off()
        else:
            self.choose_at_work()

    def choose_off(self) -> None:
        now = self.clock
        if self.start <= now:
            self.come()
        elif self.session <= now:
            self.session = NEVER
            self.session_end = min(self.session_end, hours.must_stop_at(self, now))
            self.go(HOME)
        elif self.browse > 0:
            self.look_at_next()
        elif self.check <= now:
            self.moment_off()
        self.wake = self.next_when_off() if self.place == OFF and self.browse == 0 else self.clock

    def choose_at_work(self) -> None:
        now = self.wake = self.clock
        if self.place == OFFICE and self.lunch <= now:
            self.lunch = NEVER
            self.start = now + hours.midday(self)
            self.go(OFF)
            self.check = NEVER
        elif self.place == OFFICE and self.leave <= now:
            self.leave_or_stay()
        elif self.place == OFFICE and self.next_meeting <= now:
            talking.meet(self)
            self.wake = self.clock
        elif self.place == HOME and self.session_end <= now:
            self.go(OFF)
        elif self.browse > 0:
            self.read_oldest()
        elif self.place == OFFICE and self.round <= now:
            self.take_round()
        elif self.check <= now:
            self.moment_at_work()
        else:
            work.work_on(self)
        if self.place == OFF:
            self.wake = self.next_when_off()

    # ---- coming and going

    def come(self) -> None:
        """Come to the office, in the morning or after the midday break, and go through the messages first."""
        if not self.arrived:
            self.arrived = True
            rest = max(self.best_rest, self.clock - self.rest_from)
            self.best_rest, self.rest_from = 0, self.clock
            if not hours.keeps(self):
                counts = rest if self.rule.rest_total > 0.0 else self.clock - self.left_at
                if counts < hours.rest_needed(self, self.clock // DAY):
                    post.breach(self)
            self.count("rests")
            self.count("rest_seconds", min(rest, 16 * 3_600))
            self.count("short_rests", int(rest < 11 * 3_600))
            self.count("workdays")
        self.start = NEVER
        self.go(OFFICE)
        self.lose_to_messages(int(self.model.q.look_seconds))
        self.browse = int(self.model.q.first_look) * int(self.model.q.patience)

    def leave_or_stay(self) -> None:
        """At the planned time decide how long to stay; when that is over, go home and plan the evening."""
        q, now = self.model.q, self.clock
        if not self.stayed:
            self.stayed = True
            minutes = rules.stay_minutes(q, self.desk.backlog() / 60.0, self.felt, self.due_soon() / 60.0)
            self.cut = 0.0
            if hours.keeps(self) and self.rule.daily_cap + self.rule.weekly_cap > 0.0:
                wanted = minutes
                minutes = min(wanted, hours.left_under_caps(self, now) / 60.0)
                self.cut = wanted - minutes if minutes > 0.0 else wanted
            if minutes >= q.stay_least:
                self.leave = now + int(60.0 * minutes)
                return
        self.leave = self.lunch = NEVER
        self.go(OFF)
        self.plan_session(max(now + int(60 * q.evening_pause), now // DAY * DAY + int(3_600 * q.evening_clock)))

    def due_soon(self) -> int:
        """Nominal seconds of work that lie ready and have a date up to the close of the next working day."""
        until = dates.next_closing(self)
        return sum(task.size - task.done for task in self.desk if task.state == READY and 0 < task.due <= until)

    def plan_session(self, earliest: int) -> None:
        """Decide whether and how long to work at home on what is left."""
        q = self.model.q
        self.session = NEVER
        if self.refuses == 1.0:
            return
        if not happens(rules.home_chance(q, self.segmentation), self.day_key, draws.SESSION_TAKEN):
            return
        left = rules.may_go_home(q, self.desk.backlog() / 60.0, self.cut)
        minutes = rules.home_minutes(q, left, self.segmentation)
        start = earliest + int(60.0 * q.session_spread * uniform(self.day_key, draws.SESSION))
        end = min(start + int(60.0 * minutes), self.bed, hours.must_stop_at(self, start))
        if end - start >= 60 * q.session_least:
            self.session, self.session_end = start, end

    def end_day(self, midnight: int) -> None:
        """At midnight everybody is free."""
        self.book_time(midnight)
        if self.place != OFF:
            self.go(OFF)
        today = midnight // DAY - 1
        if self.model.statutory[today]:
            self.count("statutory_overtime_seconds", self.worked_today)
        elif not self.model.workdays[today]:
            self.count("rest_day_overtime_seconds", self.worked_today)
        for _ in range(0 if hours.keeps(self) else hours.caps_passed(self, today)):
            post.breach(self)
        self.alert = None
        self.talking = False
        self.browse = 0

    # ---- moments of self-interruption

    @property
    def focusing(self) -> bool:
        """Whether these are protected hours."""
        return rules.within(self.clock % DAY / 60.0, self.rule.focus_from, self.rule.focus_to)

    def next_round(self, after: int) -> float:
        """Rounds share contract hours evenly."""
        rounds = int(self.rule.batch_rounds)
        if rounds == 0 or (self.rule.batching == 0.0 and self.rule.looks_given_up == 0.0):
            return NEVER
        gap = (self.contract_end - self.contract_start) // (rounds + 1)
        times = (self.contract_start + number * gap for number in range(1, rounds + 1))
        return next((at for at in times if at > after), NEVER)

    def take_round(self) -> None:
        """Go through the messages whose alerts were kept back."""
        rounds, contract = int(self.rule.batch_rounds), self.contract_end - self.contract_start
        number = (self.round - self.contract_start) * (rounds + 1) // contract
        self.round = self.next_round(self.clock)
        comes = happens(max(self.rule.batching, self.rule.looks_given_up), self.day_key, draws.ROUND + number)
        if not comes or self.focusing:
            return
        q, key = self.model.q, child(self.day_key, draws.ROUND_KEY + number)
        if self.amid_task and happens(q.round_interrupts, key, draws.ROUND_INTERRUPTS):
            self.come_back(key)
        self.look(INBOX if self.rule.looks_given_up > 0.0 else int(q.first_look) * int(q.patience), key)

    @property
    def amid_task(self) -> bool:
        """Whether the task in hand is what was last worked on, with no message since."""
        return self.task is not None and self.engaged is self.task

    def look(self, most: int, key: int) -> None:
        """Look at messages at work: perhaps at all of them, perhaps first at the answer that is awaited."""
        q = self.model.q
        self.count("checks")
        self.lose_to_messages(int(q.look_seconds))
        self.browse = INBOX if happens(q.look_all, key, draws.LOOK_ALL) else most
        letter = self.awaited
        if letter is not None and letter.open and happens(q.look_awaited, key, draws.LOOK_AWAITED):
            self.alert, self.alert_at = letter, self.clock
            self.browse -= 1

    def moment_at_work(self) -> None:
        q, block, day = self.model.q, self.block, self.day_key
        self.set_next_moment(max(self.check, self.clock))
        if happens(self.check_work, day, draws.TAKE + block) and not self.focusing:
            key = child(day, draws.LOOK_KEY + block)
            if self.amid_task:
                self.spend_lag(key, q.look_lag)
            self.look(int(q.patience), key)
        daily = q.manager_messages if self.manages else q.staff_messages
        if happens(daily * self.volume / q.moments_per_day, day, draws.SEND + block):
            writing.write_by_oneself(self, block)
        if self.place == OFFICE and not self.outside(self.clock):
            dates.give_kept(self)

    def moment_off(self) -> None:
        q, block, day, at = self.model.q, self.block, self.day_key, self.check
        self.set_next_moment(max(at, self.clock))
        if not self.outside(at):
            return
        free = hours.may_work_off(self, at)
        if free and happens(self.check_off, day, draws.TAKE + block):
            self.browse = int(q.patience)
            self.count("checks")
            if at > self.bed - 60 * q.bed_messages:
                self.late_check = True
        factor = rules.evening_factor(q, at % DAY / 3_600.0, self.contract_start == self.contract_end)
        if free and happens(self.initiative * factor, day, draws.SEND + block):
            writing.write_by_oneself(self, block)
        elif happens(self.usual_initiative * factor, day, draws.SEND + block):
            writing.put_off(self, block, free)

    def look_at_next(self) -> None:
        """Off work: go on to the next message that is acted on."""
        self.browse -= 1
        for letter in self.inbox.look_on():
            if letter.open and reading.acts_on(self, letter.message):
                self.alert, self.alert_at = letter, self.clock
                return
        self.browse = 0

    def read_oldest(self) -> None:
        """At work: go on to the oldest unread message."""
        letter = self.inbox.oldest_open()
        if letter is None:
            self.browse = 0
        else:
            self.browse -= 1
            self.alert, self.alert_at = letter, self.clock
