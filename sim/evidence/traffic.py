"""Statistics of a message log, defined once for real logs (``logfile``) and for the simulator's own (``modelled``).

Intervals come from leaving out one of twenty random groups of people at a time, with all that others write to them and
get from them (``Exchanges``). They show how other people of the same organisation would differ. If nobody or everybody
has a property, the rule of three bounds its share. Values from fewer than five people are not given, nor anything that
would reveal them as the rest of a whole. Results do not depend on the order of rows, on names or on how the log is
divided: sums are of integers, and messages of the same second are ordered by what people did.
"""

import functools
from collections.abc import Mapping

import numpy as np
import polars as pl
from scipy.special import stdtrit

from sim.evidence.chance import MARGIN, Excess
from sim.evidence.clocks import Clock
from sim.evidence.observables import possible_range
from sim.evidence.quantities import (
    FEW,
    GROUPS,
    QUANTITIES,
    WRITTEN,
    Distributions,
    Measured,
    Scope,
    gini,
    messages,
    ratio,
    with_addressed,
)
from sim.evidence.replies import Replies, load_slope, reply_laws, with_groups
from sim.evidence.senders import Columns, Exchanges, Senders, rates_of, steady_rates
from sim.evidence.threads import Threads
from sim.outcomes import RULE_OF_THREE, Reals, error_and_freedom, influences

LEAST_REST = 0.5  # messages; a smaller rest comes from rounding parts of messages
NAMED_APART = "nobody who is written to writes, as if people were named otherwise there"
OF_REPLIES = tuple(name for name in QUANTITIES if name.startswith(("log_reply", "log_fast", "log_slow")))
OF_THREADS = tuple(name for name in QUANTITIES if name.startswith("log_thread"))


class Tally:
    """Sums over a log, a part at a time: all rows of some senders, then all rows of some pairs of people.

    ``zone`` is the time zone of all people, if known; see ``Clock``. ``intervals`` take some twenty times as long as
    values: switch them off where nobody reads them.
    """

    def __init__(self, scope: Scope, zone: str = "", intervals: bool = True) -> None:
        self.scope = scope
        self.intervals = intervals
        self.clock = Clock(zone)
        self.people: pl.DataFrame = pl.DataFrame()
        self._senders = Senders(scope)
        self._exchanges = Exchanges(scope)
        self._threads = Threads()
        self._replies = Replies() if scope.threads else Excess()
        self._loads: pl.DataFrame = pl.DataFrame()
        self._last = 0

    def add_senders(self, rows: pl.DataFrame) -> None:
        """Add all messages that some people sent, each row once; rows are from ``with_addressed``."""
        if rows.is_empty():
            return
        self._last = max(self._last, int(rows["at"].max()))  # type: ignore[arg-type]
        sent = messages(rows)
        self.clock.add(sent)
        self._senders.add(rows, sent)
        if self.scope.threads:
            self._threads.add(sent)
        if isinstance(self._replies, Excess):
            self._replies.add_pace(sent)

    def close_senders(self) -> None:
        """Combine the people and divide them into groups; only then can pairs be added."""
        self.people, self._loads = self._senders.close()
        if self.scope.threads:
            self.people = self._threads.close(self.people)

    def add_pairs(self, rows: pl.DataFrame) -> None:
        """Add all messages between some pairs of people, in both directions; rows are from ``with_addressed``."""
        self._replies.add(rows, self.people, self._loads, self._last)
        if self.intervals:
            known = with_groups(rows, self.people)
            self._exchanges.add(known)
            if self.scope.threads:
                self._threads.add_pairs(known)

    def measured(self) -> dict[str, Measured]:
        """Measure all ``QUANTITIES``."""
        counts, unclear, columns = self._counts(), self._replies.unclear, self._columns
        groups = np.unique(columns["fold"]).tolist() if self.intervals else []
        sets = [self._replies.leave_out(groups)]
        if groups and isinstance(self._replies, Excess):  # where chance has been subtracted, it may be less or more
            sets += [self._replies.leave_out([], chance) for chance in (1 - MARGIN, 1 + MARGIN)]
        turns, loaded, replies = map(np.concatenate, zip(*sets, strict=True))
        laws = reply_laws(turns, replies)
        others = [columns["fold"] != g for g in groups]
        people = [columns, *({name: each[those] for name, each in columns.items()} for those in others)]
        of_threads = self._threads.lacking() if groups and self.scope.threads else [{}] * GROUPS
        less = [{}, *(self._exchanges.lacking(g) | of_threads[g] for g in groups)]
        whole, *without = map(_measure, people, less, loaded, laws)
        unsure = laws[len(people) :]
        if not all(unsure):  # one of both has too few answers
            unsure = []
        found = {}
        for name, quantity in QUANTITIES.items():
            lacking = any(not getattr(self.scope, need, True) for need in quantity.needs.split())
            value, many = whole.get(name, np.nan), counts.get(name, self.people.height)
            if lacking:
                found[name] = _missing(0, "the log does not hold it")
            elif unclear and name in OF_REPLIES:
                found[name] = _missing(many, unclear)
            elif many < FEW:
                found[name] = _missing(0, f"fewer than {FEW} people")
            elif not np.isfinite(value):
                found[name] = _missing(many, "too few messages")
            elif value == 0 and quantity.unit == "messages a day":  # messages received
                found[name] = _missing(many, NAMED_APART)
            else:
                half = half_width_of([each.get(name, np.nan) for each in without], many)
                if quantity.unit == "share" and value in (0.0, 1.0):
                    half = max(half, RULE_OF_THREE / many)
                half = float(np.hypot(half, max((abs(law.get(name, value) - value) for law in unsure), default=0.0)))
                least, most = possible_range(name, quantity.unit)
                found[name] = Measured(value, half, max(value - half, least), min(value + half, most), many)
        return found

    @functools.cached_property
    def _columns(self) -> Columns:
        """The people as arrays; ``bursty`` are those who have a burstiness."""
        known = self.people.with_columns(pl.col("lead").fill_null(False), bursty=pl.col("burst").is_not_null())
        return {each.name: each.to_numpy() for each in known.get_columns()}

    def _counts(self) -> dict[str, int]:
        """Count the people behind a quantity where these are not all; of two sides, the smaller one."""
        parts = self._replies.answerers
        found = dict.fromkeys(OF_REPLIES, pl.concat(parts).unique().height if parts else 0)
        leads = int(self._columns["lead"].sum())
        found |= dict.fromkeys(("log_lead_sent", "log_lead_after"), min(leads, self.people.height - leads))
        if "threads" in self.people:
            found |= dict.fromkeys(OF_THREADS, int((self.people["threads"] > 0).sum()))
        found |= {f"log_by_{name}": count for name, count in self._by_channel().items()}
        found |= dict.fromkeys(("log_sent_spread", "log_sent_gini"), len(steady_rates(self._columns)))
        found["log_burstiness"] = int(self._columns["bursty"].sum())
        found["log_top_tenth"] = self.people.height // 10
        return found

    def _by_channel(self) -> dict[str, int]:
        """Count the people who write by each channel, all where nobody does; none where few would be the rest."""
        wrote = {name: self._columns[name] > 0 for name in WRITTEN}
        many = {name: int(those.sum()) for name, those in wrote.items()}
        rest = int(np.any([wrote[name] for name in WRITTEN if many[name] < FEW], axis=0).sum())
        least = min((count for count in many.values() if count >= FEW), default=0) if 0 < rest < FEW else 0
        return {name: 0 if count and count == least else count or self.people.height for name, count in many.items()}

    def shapes(self) -> Distributions:
        """Return the distributions for figures; NaN where fewer than five people are behind a value."""
        replies, load = self._replies.shape
        rates = np.sort(steady_rates(self._columns))
        return Distributions(
            self.clock.hours,
            replies,
            load,
            self._threads.lengths,
            _quantiles(rates),
            _concentration(rates),
            _quantiles(self.people["ties"].to_numpy()),
            _quantiles(_bursts(self._columns)),
        )


def _missing(people: int, why: str) -> Measured:
    """Return a quantity that could not be measured, or may not be shown."""
    return Measured(np.nan, np.nan, np.nan, np.nan, people, why)


def _measure(
    people: Columns, lacking: Mapping[str, float], loaded: Reals, law: Mapping[str, float]
) -> dict[str, float]:
    """Compute all quantities of some people, from their sums less what these lose without others, and reply times."""
    if not len(people["sent"]):  # without a group of all, who did the same at the same seconds
        return {}
    total = {name: each.sum().item() - lacking.get(name, 0.0) for name, each in people.items()}
    sent, days = total["sent"], total["days"]
    if sent < LEAST_REST:  # without a group to which and by which all is written
        sent = 0.0
    rates = steady_rates(people)
    many = len(people["sent"])
    top = np.sort(people["sent"])[many - many // 10 :]
    values = {
        "log_sent": sent / days,
        "log_received": total["received"] / days,
        "log_recipients": ratio(total["addressed"], sent),
        "log_sent_spread": float(np.log(rates).std(ddof=1)) if len(rates) > 1 else np.nan,
        "log_sent_gini": gini(rates),
        "log_ties": total["ties"] / many,
        "log_ties_gini": gini(people["ties"]),
        "log_burstiness": bursts.mean() if len(bursts := _bursts(people)) else np.nan,
        "log_lunch_share": ratio(total["lunch"], sent and sent - total["weekend"]),
        "log_top_tenth": float(top.sum()) / people["sent"].sum().item(),
        "log_contacts": total["contacts"] / total["weeks"],
        "log_reply_load": load_slope(loaded),
        **law,
        **{f"log_{name}_share": ratio(total[name], sent) for name in ("after", "evening", "night", "weekend")},
        **{f"log_by_{name}": ratio(total[name], sent) for name in WRITTEN},
    }
    if total.get("threads"):  # none if the log does not hold them
        values |= {f"log_thread_{name}": total[name] / total["threads"] for name in ("length", "single", "long")}
    leads, others = rates_of(people, people["lead"]), rates_of(people, ~people["lead"])
    values["log_lead_sent"], values["log_lead_after"] = (ratio(a, b) for a, b in zip(leads, others, strict=True))
    return values


def _bursts(people: Columns) -> Reals:
    """Return the burstiness of all who have one."""
    return people["burst"][people["bursty"]]


def _quantiles(amounts: Reals) -> Reals:
    """Return quantiles over people from 2 to 98 %; NaN for fewer than fifty."""
    shares = np.linspace(0.02, 0.98, 49)
    return np.quantile(amounts, shares) if len(amounts) >= 10 * FEW else np.full(len(shares), np.nan)


def _concentration(amounts: Reals) -> Reals:
    """Return the share of all that those with least have, at each fiftieth of people; NaN for fewer than fifty."""
    if len(amounts) < 10 * FEW:
        return np.full(51, np.nan)
    reached = np.concatenate([[0.0], np.cumsum(np.sort(amounts))]) / amounts.sum()
    return np.interp(np.linspace(0.0, 1.0, 51), np.linspace(0.0, 1.0, len(reached)), reached)


def measure(rows: pl.DataFrame, scope: Scope, intervals: bool = True) -> Tally:
    """Sum up a log that fits into memory: each row once, nobody writing to themselves."""
    tally = Tally(scope, intervals=intervals)
    whole = with_addressed(rows)
    tally.add_senders(whole)
    tally.close_senders()
    tally.add_pairs(whole)
    return tally


def half_width_of(without: list[float], people: int = GROUPS) -> float:
    """Return half of the 95 % interval, from values that each lack one group of people; NaN for a single one.

    Where fewer ``people`` than groups are behind the values, these and not the groups are the degrees of freedom.
    """
    values = np.array(without)[:, None]
    if len(values) < 2:
        return np.nan
    error, _ = error_and_freedom(influences(values.mean(axis=0), values), np.ones(values.shape, np.int64))
    return float(stdtrit(max(min(len(values), people) - 1, 1), 0.975) * error[0])
