# ruff: noqa: E501  (a table: one quantity, one row)
"""Traffic: what a message log shows, defined once for real logs and for the simulator's own.

A log is a table of rows: who wrote to whom, when, in which thread, by which channel. Everything below is computed from
such rows, whether they come from a company's archive (``sim.evidence.logfile``) or from the engine (``simulated``), so that an
organisation and its model are measured with the same ruler.

Sums are taken person by person, a part of the log at a time, so that a long log needs little memory. Intervals come
from leaving out one of twenty random groups of people at a time (delete-a-group jackknife): they say how other people
of the same organisation would differ. What rests on fewer than five people is not shown.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.columns import CHANNELS, DELIVERED, SENT, P
from sim.errors import InputError
from sim.model import Workplace
from sim.schema import Scenario

type Reals = NDArray[np.float64]
type Frame = pl.DataFrame

ROWS = {
    "sender": pl.UInt64, "recipient": pl.UInt64, "at": pl.Int64, "wall": pl.Int64, "thread": pl.UInt64,
    "channel": pl.Enum(CHANNELS), "lead": pl.Boolean,
}  # fmt: skip
"""Columns of a log: at is a second of absolute time, wall the second of the local clock; thread 0 is no thread."""

WRITTEN = ("im", "group", "mail", "tool")  # what an archive holds; calls and private messengers leave no trace in it
FEW = 5  # people; what rests on fewer is not shown
GROUPS = 20  # of people, of which one is left out at a time
HORIZON = 7 * 86_400  # seconds after which an answer counts as none
LOADS = 12  # classes of load: 1, 2-3, 4-7, ... messages received in a day
LONGEST = 12  # messages of a thread that are told apart
STEPS = 232  # classes of reply times between a second and the horizon, equal on a log scale
EDGES = np.linspace(0.0, np.log(HORIZON), STEPS + 1)
DIRECT = 3  # recipients at most of a message from which an answer is expected of each
LEAST_DAYS, LEAST_SENT = 10, 10  # working days present and messages sent, for a person's own rate
MONTH_LEAST, CLOCK_MOVES = 100, 2.0  # messages of four weeks, and hours by which their clock may move
DAY, HOUR = 86_400, 3_600
PRIME = 2_097_143  # below 2**21: the squares of as many seconds can be summed in 64 bits
HOURS = 168


class Scope(NamedTuple):
    """What a log holds and how it is looked at; the model is looked at in the same way."""

    channels: tuple[str, ...] = WRITTEN
    opening: float = 9.0  # hours of the day: contract hours from Monday to Friday
    closing: float = 18.0
    threads: bool = True  # answers are looked for within a thread, else between two people
    by_channel: bool = True  # the channel of each message is known
    ranks: bool = True  # it is known who leads


class Quantity(NamedTuple):
    """What is measured on a log."""

    unit: str
    definition: str
    needs: str  # what a log must have for it: of whole, clock, threads, by_channel, ranks
    use: str  # role that it gets in a set of targets: calibrated, checked or not_used


_ = Quantity
QUANTITIES: dict[str, Quantity] = {
    "log_sent": _("per day", "messages sent per person and working day (Monday to Friday) between a person's first and last message", "whole", "calibrated"),
    "log_received": _("per day", "messages received per person and such day", "whole", "calibrated"),
    "log_recipients": _("people", "recipients per message", "whole", "checked"),
    "log_sent_spread": _("log", "standard deviation over people of the logarithm of messages sent per day", "whole", "calibrated"),
    "log_top_tenth": _("share", "messages sent by the tenth of people who send most", "whole", "checked"),
    "log_contacts": _("people", "different people whom a person writes to in a week with messages", "whole", "checked"),
    "log_reply_share": _("share", "turns answered within 7 days; a turn is a run of messages from one person to another, each to at most 3 people", "", "calibrated"),
    "log_reply_median": _("min", "median time from the last message of a turn to the first of the answer", "", "calibrated"),
    "log_reply_hour": _("share", "of the answers, those within an hour", "", "calibrated"),
    "log_reply_day": _("share", "of the answers, those within a day", "", "checked"),
    "log_reply_load": _("share", "change of the share answered from Monday to Friday when the messages received on that day double", "whole", "checked"),
    "log_fast_weight": _("share", "weight of the fast part when reply times are taken as a mixture of two lognormal laws", "", "not_used"),
    "log_fast_median": _("min", "median of the fast part", "", "not_used"),
    "log_slow_median": _("min", "median of the slow part", "", "not_used"),
    "log_after_share": _("share", "messages sent outside contract hours, weekends included", "clock", "calibrated"),
    "log_evening_share": _("share", "messages sent from Monday to Friday between 18 and 24", "clock", "calibrated"),
    "log_night_share": _("share", "messages sent between 0 and 6", "clock", "checked"),
    "log_weekend_share": _("share", "messages sent on Saturday and Sunday", "", "calibrated"),
    "log_thread_length": _("messages", "mean number of messages of a thread", "threads", "checked"),
    "log_thread_single": _("share", "threads of one message", "threads", "checked"),
    "log_lead_sent": _("ratio", "messages sent per day by those who lead, over the others", "ranks", "checked"),
    "log_lead_after": _("ratio", "share outside contract hours of those who lead, over that of the others", "ranks clock", "checked"),
    **{f"log_by_{name}": _("share", f"messages sent by {name}", "by_channel", "checked") for name in WRITTEN},
}  # fmt: skip
del _


class Measured(NamedTuple):
    """A quantity's value with its 95 % interval, or why it is not shown."""

    value: float
    low: float
    high: float
    people: int
    missing: str = ""


class Shapes(NamedTuple):
    """Distributions, for figures; what rests on fewer than five people is not a number."""

    hours: Reals  # messages by hour of the week, from Monday 0:00
    replies: Reals  # answers by class of reply time
    load: Reals  # share of turns answered by class of load
    threads: Reals  # threads by number of messages, the last class with all longer ones
    rates: Reals  # messages sent per day, quantiles over people from 2 to 98 %


class Tally:
    """Sums over a log, a part at a time: first all rows of some senders, then all rows of some pairs of people.

    Parameters
    ----------
    scope : Scope
        How the log is looked at.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._sent: list[Frame] = []
        self._received: list[Frame] = []
        self._loads: list[Frame] = []
        self._threads: list[Frame] = []
        self._channels: list[Frame] = []
        self._answerers: list[Frame] = []
        self.hours = np.zeros((HOURS, 2))
        self.months: dict[int, Reals] = {}  # four weeks, and messages of their working days by hour
        self.last = 0
        self.replies = np.zeros((GROUPS, STEPS))
        self.turns = np.zeros((GROUPS, 2))  # all, answered
        self.loaded = np.zeros((GROUPS, LOADS, 2))  # of working days, by load
        self.people: Frame = pl.DataFrame()
        self.loads: Frame = pl.DataFrame()

    def add_senders(self, rows: Frame) -> None:
        """Add all messages that some people sent.

        Parameters
        ----------
        rows : Frame
            Rows of a log, each once, with all that these people sent.
        """
        if rows.is_empty():
            return
        self.last = max(self.last, int(rows["at"].max()))  # type: ignore[arg-type]
        sent = rows.group_by("sender", "at", "thread", "channel").agg(
            pl.col("wall").min(), pl.col("lead").max(), pl.len().alias("addressed")
        )
        self._sent.append(self._by_sender(sent).join(_contacts(rows), on="sender"))
        day = (pl.col("wall") // DAY).alias("day")
        self._received.append(
            rows.group_by("recipient").agg(
                pl.len().alias("received"), day.min().alias("from"), day.max().alias("to"), _moments().alias("got_at")
            )
        )
        self._loads.append(rows.group_by("recipient", day).agg(pl.len().alias("load")))
        hours = sent.group_by(_hour_of_week()).agg(pl.len().alias("n"), pl.col("sender").n_unique().alias("people"))
        self.hours[hours["hour"].to_numpy()] += hours.select("n", "people").to_numpy()
        month, hour = (pl.col("wall") // (28 * DAY)).alias("month"), (pl.col("wall") % DAY // HOUR).alias("hour")
        for key, at, n in sent.filter(_weekday() < 5).group_by(month, hour).agg(pl.len()).iter_rows():
            self.months.setdefault(key, np.zeros(24))[at] += n
        if self.scope.threads:
            threads = sent.filter(pl.col("thread") != 0).group_by("thread", "sender")
            self._threads.append(threads.agg(pl.len().alias("n"), pl.col("at").min()))
        self._channels.append(sent.group_by("sender", "channel").agg(pl.len().alias("n")))

    def _by_sender(self, sent: Frame) -> Frame:
        """Sum the messages of each sender."""
        hour, weekday = pl.col("wall") % DAY / HOUR, _weekday()
        weekend = weekday >= 5
        late = weekend | (hour < self.scope.opening) | (hour >= self.scope.closing)
        return sent.group_by("sender").agg(
            pl.len().alias("sent"),
            pl.col("addressed").sum(),
            pl.col("lead").max(),
            pl.col("at").min().alias("begins"),
            pl.col("at").max().alias("ends"),
            (pl.col("wall") // DAY).min().alias("from"),
            (pl.col("wall") // DAY).max().alias("to"),
            late.sum().alias("after"),
            (~weekend & (hour >= 18)).sum().alias("evening"),
            (hour < 6).sum().alias("night"),
            weekend.sum().alias("weekend"),
            _moments().alias("sent_at"),
        )

    def close_senders(self) -> None:
        """Put the people together and divide them into groups; then pairs can be added."""
        if not self._sent:
            raise InputError("the log has no messages")
        received = pl.concat(self._received).group_by("recipient").agg(
            pl.col("received", "got_at").sum(), pl.col("from").min(), pl.col("to").max()
        )  # fmt: skip
        self.loads = pl.concat(self._loads).group_by("recipient", "day").agg(pl.col("load").sum())
        channels = pl.concat(self._channels).pivot("channel", index="sender", values="n", sort_columns=True)
        people = pl.concat(self._sent)
        if people.height < FEW:
            raise InputError(f"only {people.height} people send messages; with fewer than {FEW} nothing is shown")
        people = (
            people.join(received, left_on="sender", right_on="recipient", how="left", suffix="_there")
            .join(channels, on="sender", how="left")
            .with_columns(
                pl.min_horizontal("from", "from_there"),
                pl.max_horizontal("to", "to_there"),
                pl.col("received", "got_at").fill_null(0),
            )
            .drop("from_there", "to_there")
        )
        first, end = people["from"].to_numpy(), people["to"].to_numpy() + 1
        days = np.maximum(np.busday_count(first.astype("datetime64[D]"), end.astype("datetime64[D]")), 1)
        self.people = _divided(people.with_columns(pl.Series("days", days)))
        if self._threads:
            self.people = self._with_threads(self.people)
        for parts in (self._sent, self._received, self._loads, self._threads, self._channels):
            parts.clear()

    def _with_threads(self, people: Frame) -> Frame:
        """Sum the threads of each person who opened them; keep their lengths.

        Those who share a place cannot be told apart: what they opened is written to the first of them.
        """
        parts = pl.concat(self._threads).join(people.select("sender", "place"), on="sender")
        whole = parts.group_by("thread").agg(pl.col("n").sum(), pl.col("place").sort_by("at", "place").first())
        self._lengths = whole.group_by(pl.col("n").clip(1, LONGEST)).agg(
            pl.len().alias("threads"), pl.col("place").n_unique().alias("people")
        )
        single = (pl.col("n") == 1).sum().alias("singles")
        opened = whole.group_by("place").agg(pl.len().alias("threads"), pl.col("n").sum().alias("messages"), single)
        known = people.join(opened, on="place", how="left", maintain_order="left")
        first = pl.col("place").is_first_distinct()
        return known.with_columns(
            pl.when(first).then(pl.col(name)).fill_null(0).alias(name) for name in ("threads", "messages", "singles")
        )

    def add_pairs(self, rows: Frame) -> None:
        """Add all messages between some pairs of people, in both directions.

        Parameters
        ----------
        rows : Frame
                Rows of a log, from ``addressed``, each once, with all that these pairs wrote to each other.
        """
        key = ["low", "high", "thread"] if self.scope.threads else ["low", "high"]
        low, high = pl.min_horizontal("sender", "recipient"), pl.max_horizontal("sender", "recipient")
        direct = rows.filter(pl.col("addressed") <= DIRECT)
        places = self.people.select("sender", "place")
        ordered = (  # of what both send in the same second, the order must not depend on names: they are random
            direct.with_columns(low=low, high=high)
            .with_columns(side=_moments().over(*key, "sender"))
            .join(places, on="sender")
            .sort(*key, "at", "side", "place")
        )
        same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in key).fill_null(False)
        other = pl.col("sender") != pl.col("sender").shift(-1)
        wait = pl.col("at").shift(-1) - pl.col("at")
        ends = ordered.with_columns(
            pl.when(same & other & (wait <= HORIZON)).then(wait).alias("wait"), (~same | other).alias("ends")
        ).filter("ends", pl.col("at") <= self.last - HORIZON)
        known = self.people.select("fold", "place", pl.col("sender").alias("recipient"))
        turns = (
            ends.select("recipient", "wait", day=pl.col("wall") // DAY)
            .join(known, on="recipient")
            .join(self.loads, on=("recipient", "day"), how="left")
            .with_columns(load=pl.col("load").cast(pl.Float64).log(2).floor().cast(pl.Int64).clip(0, LOADS - 1))
        )
        working = (pl.col("day") + 3) % 7 < 5
        for row in turns.filter(working).group_by("fold", "load").agg(pl.len(), pl.col("wait").count()).iter_rows():
            self.loaded[row[0], row[1]] += row[2:]
        for row in turns.group_by("fold").agg(pl.len(), pl.col("wait").count()).iter_rows():
            self.turns[row[0]] += row[1:]
        answered = turns.filter(pl.col("wait").is_not_null())
        step = np.digitize(np.log(np.maximum(answered["wait"].to_numpy(), 1)), EDGES[1:-1])
        np.add.at(self.replies, (answered["fold"].to_numpy(), step), 1.0)
        self._answerers.append(answered.select("place").unique())

    def measured(self) -> dict[str, Measured]:
        """Measure everything.

        Returns
        -------
        dict[str, Measured]
            By name, all of ``QUANTITIES``.
        """
        counts = self._counts()
        whole = self._values(self.people, *(sums.sum(axis=0) for sums in self._sums()))
        groups = self.people["fold"].unique().sort()
        without = [
            self._values(
                self.people.filter(pl.col("fold") != g), *(sums.sum(axis=0) - sums[g] for sums in self._sums())
            )
            for g in groups
        ]
        found = {}
        for name, quantity in QUANTITIES.items():
            lacking = any(not getattr(self.scope, need, True) for need in quantity.needs.split())
            value, people = whole.get(name, np.nan), counts.get(name, self.people.height)
            if lacking:
                found[name] = Measured(np.nan, np.nan, np.nan, 0, "the log does not tell")
            elif people < FEW:
                found[name] = Measured(np.nan, np.nan, np.nan, 0, f"fewer than {FEW} people")
            elif not np.isfinite(value):
                found[name] = Measured(np.nan, np.nan, np.nan, people, "too few messages")
            else:
                half = _jackknife([each.get(name, np.nan) for each in without])
                found[name] = Measured(value, value - half, value + half, people)
        return found

    def _sums(self) -> tuple[Reals, Reals, Reals]:
        """Give the sums over turns, by group of people."""
        return self.turns, self.loaded, self.replies

    def _counts(self) -> dict[str, int]:
        """Count the people on whom a quantity rests, where these are not all, or the fewest of two sides."""
        answerers = pl.concat(self._answerers).unique().height if self._answerers else 0
        found = {name: answerers for name in QUANTITIES if name.startswith(("log_reply", "log_fast", "log_slow"))}
        leads = int(self.people["lead"].fill_null(False).sum())
        found |= dict.fromkeys(("log_lead_sent", "log_lead_after"), min(leads, self.people.height - leads))
        if "threads" in self.people:
            found |= dict.fromkeys(("log_thread_length", "log_thread_single"), int((self.people["threads"] > 0).sum()))
        for name in WRITTEN:
            used = int((self.people[name].fill_null(0) > 0).sum()) if name in self.people else FEW
            found[f"log_by_{name}"] = used
        found["log_sent_spread"] = _steady(self.people).len()
        found["log_top_tenth"] = self.people.height // 10
        return found

    def _values(self, people: Frame, turns: Reals, loaded: Reals, replies: Reals) -> dict[str, float]:
        """Compute all quantities from the sums of some people."""
        total = {
            name: float(people[name].sum() or 0)
            for name in people.columns
            if people[name].dtype.is_numeric()
            and name not in ("sender", "fold", "place", "begins", "ends", "sent_at", "got_at")
        }
        sent, days = total["sent"], total["days"]
        rates = _steady(people)
        top = people["sent"].sort(descending=True).head(people.height // 10)
        values = {
            "log_sent": sent / days,
            "log_received": total["received"] / days,
            "log_recipients": total["addressed"] / sent,
            "log_sent_spread": float(np.log(rates.to_numpy()).std(ddof=1)) if rates.len() > 1 else np.nan,
            "log_top_tenth": float(top.sum()) / sent,
            "log_contacts": total["contacts"] / total["weeks"],
            "log_after_share": total["after"] / sent,
            "log_evening_share": total["evening"] / sent,
            "log_night_share": total["night"] / sent,
            "log_weekend_share": total["weekend"] / sent,
            "log_reply_load": _slope(loaded),
            **_reply_law(turns, replies),
            **{f"log_by_{name}": total.get(name, 0.0) / sent for name in WRITTEN},
        }
        if total.get("threads"):
            values["log_thread_length"] = total["messages"] / total["threads"]
            values["log_thread_single"] = total["singles"] / total["threads"]
        leads, others = (_rates_of(people.filter(pl.col("lead").fill_null(False) == side)) for side in (True, False))
        values["log_lead_sent"], values["log_lead_after"] = (_over(a, b) for a, b in zip(leads, others, strict=True))
        return values

    def shapes(self) -> Shapes:
        """Give the distributions that figures show.

        Returns
        -------
        Shapes
            Without what rests on fewer than five people.
        """
        turns, replies = self.loaded.sum(axis=0), self.replies.sum(axis=0)
        enough = turns[:, 0] >= 10 * FEW
        hours = np.where((self.hours[:, 1] >= FEW) | (self.hours[:, 0] == 0), self.hours[:, 0], np.nan)
        lengths = np.zeros(LONGEST)
        if "threads" in self.people:
            for n, threads, people in self._lengths.iter_rows():
                lengths[n - 1] = threads if people >= FEW else np.nan
        rates = np.sort(_steady(self.people).to_numpy())
        return Shapes(
            hours,
            replies if replies.sum() >= 10 * FEW else np.full(STEPS, np.nan),
            np.where(enough, turns[:, 1] / np.maximum(turns[:, 0], 1), np.nan),
            lengths,
            np.quantile(rates, np.linspace(0.02, 0.98, 49)) if len(rates) >= 10 * FEW else np.full(49, np.nan),
        )


def measure(rows: Frame, scope: Scope) -> Tally:
    """Sum a log that fits into memory.

    Parameters
    ----------
    rows : Frame
        Rows of a log, each once, nobody writing to oneself.
    scope : Scope
        How it is looked at.

    Returns
    -------
    Tally
        The sums.
    """
    tally = Tally(scope)
    tally.add_senders(rows)
    tally.close_senders()
    tally.add_pairs(addressed(rows))
    return tally


def addressed(rows: Frame) -> Frame:
    """Count the recipients of each message.

    Parameters
    ----------
    rows : Frame
        Rows of a log, each once, with all that their senders wrote.

    Returns
    -------
    Frame
        The same, with ``addressed``.
    """
    return rows.with_columns(pl.len().over("sender", "at", "thread", "channel").alias("addressed"))


def simulated(model: Workplace, scope: Scope) -> Frame:
    """Take the log of a model that has run with all its messages kept, as an archive would hold it.

    Parameters
    ----------
    model : Workplace
        Made with ``log_share=1``; days before its ``log_from`` are not in the log.
    scope : Scope
        Channels that the archive holds.

    Returns
    -------
    Frame
        Rows of a log.

    Raises
    ------
    InputError
        If not all messages were kept.
    """
    if model.recorder.log_lost or not model.keeps_all:
        raise InputError("the model did not keep all its messages")
    events = model.recorder.events()
    start = model.log_from * DAY
    begin = int(np.datetime64(model.first_date, "s").astype(np.int64))
    sent = events.filter(pl.col("event") == SENT).select("message", pl.col("second").alias("sent"))
    leads = model.world.seat[:, P.manages] == 1
    channel = (pl.col("what") // 16 % 16).replace_strict(dict(enumerate(CHANNELS)), return_dtype=pl.Enum(CHANNELS))
    arrived = events.filter(pl.col("event") == DELIVERED).join(sent, on="message").filter(pl.col("sent") >= start)
    rows = arrived.select(
        pl.col("sender").cast(pl.UInt64),
        pl.col("person").cast(pl.UInt64).alias("recipient"),
        (pl.col("sent") + begin).alias("at"),
        (pl.col("sent") + begin).alias("wall"),
        "thread",
        channel.alias("channel"),
    ).with_columns(pl.Series("lead", leads[arrived["sender"].to_numpy()]))
    kept = rows.filter(pl.col("channel").cast(pl.String).is_in(scope.channels), pl.col("sender") != pl.col("recipient"))
    return kept.unique(["sender", "recipient", "at", "thread", "channel"], maintain_order=True).select(list(ROWS))


def world_of(today: Scenario, people: int, weeks: int, seed: int, warmup_days: int) -> Scenario:
    """Put today's rules on an economy of a size that a log is compared with.

    Parameters
    ----------
    today : Scenario
        Rules and parameters.
    people : int
        People simulated.
    weeks : int
        Weeks of the log; answers are counted in all but the last.
    seed : int
        Of all draws.
    warmup_days : int
        Days before the log begins.

    Returns
    -------
    Scenario
        The scenario.
    """
    data = today.model_dump()
    data["run"] |= {
        "people": people, "years": max(7 * weeks / 365.25, 0.02), "replicates": 1, "seed": seed,
        "warmup_days": warmup_days,
    }  # fmt: skip
    return Scenario.model_validate(data)


def modelled(scenario: Scenario, scope: Scope, threads: int = 1) -> Tally:
    """Simulate a world, take its log, and sum it up as a real one.

    Parameters
    ----------
    scenario : Scenario
        The world; its warm-up is no part of the log.
    scope : Scope
        What the log would hold.
    threads : int
        Threads; they change no result.

    Returns
    -------
    Tally
        The sums.
    """
    model = Workplace(scenario, threads=threads, log_share=1.0, log_from=scenario.run.warmup_days)
    model.run_for(model.days_total)
    return measure(simulated(model, scope), scope)


def clock_doubt(hours: Reals, months: Mapping[int, Reals]) -> str:
    """Tell whether a log's clock can be believed: it does not move, and some hours of the night are nearly silent.

    Parameters
    ----------
    hours : Reals
        Messages by hour of the week, from Monday 0:00.
    months : Mapping[int, Reals]
        Messages of working days by hour of the day, for each four weeks.

    Returns
    -------
    str
        What is wrong, or nothing.
    """
    middles = [_middle(count) for count in months.values() if count.sum() >= MONTH_LEAST]
    moved = max((abs((a - b + 12) % 24 - 12) for a in middles for b in middles), default=0.0)
    if moved > CLOCK_MOVES:
        return f"the middle of the day moves by up to {moved:.1f} h between one month and another"
    day = np.nan_to_num(hours).reshape(7, 24)[:5].sum(axis=0)
    if day.sum() == 0:
        return "nothing is sent from Monday to Friday"
    share = day / day.sum()
    if share.max() > 0.5:
        return f"{share.max():.0%} of the messages of working days stand in one hour: the log has dates without times"
    blocks = np.array([np.take(share, range(h, h + 5), mode="wrap").sum() for h in range(24)])
    quietest = int(blocks.argmin())
    if blocks[quietest] > 0.05:
        return f"no five hours are quiet: {blocks[quietest]:.0%} of the messages from {quietest} to {quietest + 5} h"
    if not (quietest >= 22 or quietest <= 4):
        quiet = f"{quietest} to {(quietest + 5) % 24} h"
        return f"the quietest hours are {quiet}, not those of the night: the zone seems wrong"
    return ""


def _middle(hours: Reals) -> float:
    """Find the middle of the messages of a day, on the circle of 24 hours."""
    return float(np.angle((hours * np.exp(2j * np.pi * np.arange(24) / 24)).sum()) * 12 / np.pi) % 24


def _weekday() -> pl.Expr:
    """Name the day of the week, from Monday 0; the first of January 1970 was a Thursday."""
    return (pl.col("wall") // DAY + 3) % 7


def _hour_of_week() -> pl.Expr:
    """Number the hour of the week."""
    return (_weekday() * 24 + pl.col("wall") % DAY // HOUR).alias("hour")


def _moments() -> pl.Expr:
    """Sum up at which seconds people write, so that those who write at others differ, whatever their names."""
    return ((pl.col("at") % PRIME) ** 2).sum()


def _divided(people: Frame) -> Frame:
    """Put people in an order and divide them into groups by what they did alone: their names are random.

    Those who did the same at the same seconds share a place and a group, so that it is no matter which is which; where
    people are counted, they count as one.
    """
    facts = [name for name in people.columns if name != "sender"]
    people = people.sort(facts).with_columns(place=pl.struct(facts).rle_id())
    order = np.random.default_rng(0).permutation(people.height)
    return people.with_columns(fold=pl.Series(order % min(GROUPS, people.height))).with_columns(
        pl.col("fold").first().over("place")
    )


def _contacts(rows: Frame) -> Frame:
    """Count, for each sender, weeks with messages and the different people of each."""
    week = ((pl.col("wall") // DAY + 3) // 7).alias("week")
    pairs = rows.select("sender", "recipient", week).unique()
    return pairs.group_by("sender").agg(pl.len().alias("contacts"), pl.col("week").n_unique().alias("weeks"))


def _steady(people: Frame) -> pl.Series:
    """Take the daily rates of those who were there long enough and wrote enough to have one."""
    there = people.filter(pl.col("days") >= LEAST_DAYS, pl.col("sent") >= LEAST_SENT)
    return there.select(pl.col("sent") / pl.col("days")).to_series()


def _rates_of(people: Frame) -> tuple[float, float]:
    """Give messages per day and the share after hours of some people."""
    sent, days, after = (float(people[name].sum()) for name in ("sent", "days", "after"))
    return _over(sent, days), _over(after, sent)


def _over(above: float, below: float) -> float:
    """Divide, if that can be done."""
    return above / below if below else np.nan


def _slope(turns: Reals) -> float:
    """Regress the share answered on the doublings of the load, each turn counting once."""
    n, answered = turns[:, 0], turns[:, 1]
    x = np.arange(LOADS, dtype=float)
    if n.sum() == 0:
        return np.nan
    away = x - (n * x).sum() / n.sum()
    spread = (n * away**2).sum()
    return float((away * answered).sum() / spread) if spread > 0 else np.nan


def _reply_law(turns: Reals, replies: Reals) -> dict[str, float]:
    """Describe how often and how fast turns are answered."""
    n, answered = turns
    if n == 0 or replies.sum() < FEW:
        return {}
    below = np.concatenate([[0.0], np.cumsum(replies) / replies.sum()])
    weight, fast, slow = _mixture(replies)
    return {
        "log_reply_share": answered / n,
        "log_reply_median": float(np.exp(np.interp(0.5, below, EDGES))) / 60,
        "log_reply_hour": float(np.interp(np.log(HOUR), EDGES, below)),
        "log_reply_day": float(np.interp(np.log(DAY), EDGES, below)),
        "log_fast_weight": weight,
        "log_fast_median": fast / 60,
        "log_slow_median": slow / 60,
    }


def _mixture(replies: Reals, rounds: int = 200) -> tuple[float, float, float]:
    """Fit two lognormal laws to classes of reply times by expectation and maximisation; seconds."""
    x, n = (EDGES[:-1] + EDGES[1:]) / 2, replies / replies.sum()
    below = np.cumsum(n)
    mean = np.interp([0.25, 0.75], below, x)
    sd, weight = np.full(2, 1.5), np.full(2, 0.5)
    for _ in range(rounds):
        dense = weight * np.exp(-0.5 * ((x[:, None] - mean) / sd) ** 2) / sd
        part = n[:, None] * dense / np.maximum(dense.sum(axis=1, keepdims=True), 1e-300)
        weight = np.maximum(part.sum(axis=0), 1e-9)
        mean = (part * x[:, None]).sum(axis=0) / weight
        sd = np.maximum(np.sqrt((part * (x[:, None] - mean) ** 2).sum(axis=0) / weight), 0.2)
    fast, slow = np.argsort(mean)
    return float(weight[fast]), float(np.exp(mean[fast])), float(np.exp(mean[slow]))


def _jackknife(without: list[float]) -> float:
    """Give half of the 95 % interval from values that each lack one group of people."""
    values = np.array(without)
    n = len(values)
    if n < 2 or not np.isfinite(values).all():
        return np.nan
    error = np.sqrt((n - 1) / n * ((values - values.mean()) ** 2).sum())
    return float(error * stdtrit(n - 1, 0.975))


def as_values(measured: Mapping[str, Measured]) -> dict[str, float]:
    """Take the values alone.

    Parameters
    ----------
    measured : Mapping[str, Measured]
        From ``Tally.measured``.

    Returns
    -------
    dict[str, float]
        By name; not a number where a quantity is not shown.
    """
    return {name: each.value for name, each in measured.items()}
