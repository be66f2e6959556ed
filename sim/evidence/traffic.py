"""Statistics of a message log, defined once for real logs (``logfile``) and for the simulator's own (``modelled``).

Intervals come from leaving out one of twenty random groups of people at a time (delete-a-group jackknife): how other
people of the same organisation would differ. Of a share that nobody or everybody has, the rule of three says how far it
may be off. Values from fewer than five people are not given. Results do not depend on the order of rows, on names or on
how the log is divided: sums are of integers, and messages of the same second are ordered by what people did.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from sim.evidence.chance import SURE, Excess
from sim.evidence.clocks import Clock
from sim.evidence.quantities import (
    FEW,
    QUANTITIES,
    WRITTEN,
    Frame,
    Measured,
    Reals,
    Scope,
    Shapes,
    addressed,
    gini,
    messages,
    over,
)
from sim.evidence.replies import Replies, reply_laws, slope
from sim.evidence.senders import Senders, rates_of, steady
from sim.evidence.threads import Threads
from sim.outcomes import half_width, pulls

RULE_OF_THREE = 3.0  # of n people none: at 95 % confidence less than 3 in n (Hanley and Lippman-Hand 1983, JAMA 249)
NAMED_APART = "nobody who is written to writes, as if people were named otherwise there"
ANSWERS = tuple(name for name in QUANTITIES if name.startswith(("log_reply", "log_fast", "log_slow")))
OF_THREADS = tuple(name for name in QUANTITIES if name.startswith("log_thread"))


class Tally:
    """Sums over a log, a part at a time: all rows of some senders, then all rows of some pairs of people.

    ``zone`` is where all people work, if that is known; see ``Clock``.
    """

    def __init__(self, scope: Scope, zone: str = "") -> None:
        self.scope = scope
        self.clock = Clock(zone)
        self.people: Frame = pl.DataFrame()
        self._senders = Senders(scope)
        self._threads = Threads()
        self._replies = Replies() if scope.threads else Excess()
        self._loads: Frame = pl.DataFrame()
        self._last = 0

    def add_senders(self, rows: Frame) -> None:
        """Add all messages that some people sent, each row once; rows are from ``addressed``."""
        if rows.is_empty():
            return
        self._last = max(self._last, int(rows["at"].max()))  # type: ignore[arg-type]
        sent = messages(rows)
        self.clock.add(sent)
        self._senders.add(rows, sent)
        if self.scope.threads:
            self._threads.add(sent)
        if isinstance(self._replies, Excess):
            self._replies.pace(sent)

    def close_senders(self) -> None:
        """Combine the people and divide them into groups; only then can pairs be added."""
        self.people, self._loads = self._senders.close()
        if self.scope.threads:
            self.people = self._threads.close(self.people)

    def add_pairs(self, rows: Frame) -> None:
        """Add all messages between some pairs of people, in both directions; rows are from ``addressed``."""
        self._replies.add(rows, self.people, self._loads, self._last)

    def measured(self, intervals: bool = True) -> dict[str, Measured]:
        """Measure all ``QUANTITIES``; intervals take twenty times as long as values, so leave out what nobody reads."""
        counts, unclear, unsure = self._counts(), self._replies.unclear, self._unsure() if intervals else {}
        groups = self.people["fold"].unique().sort().to_list() if intervals else []
        turns, loaded, replies = self._replies.sets(groups)
        sets = [self.people, *(self.people.filter(pl.col("fold") != g) for g in groups)]
        whole, *without = map(self._values, sets, loaded, reply_laws(turns, replies))
        found = {}
        for name, quantity in QUANTITIES.items():
            lacking = any(not getattr(self.scope, need, True) for need in quantity.needs.split())
            value, people = whole.get(name, np.nan), counts.get(name, self.people.height)
            if lacking:
                found[name] = Measured(np.nan, np.nan, np.nan, 0, "the log does not hold it")
            elif unclear and name in ANSWERS:
                found[name] = Measured(np.nan, np.nan, np.nan, people, unclear)
            elif people < FEW:
                found[name] = Measured(np.nan, np.nan, np.nan, 0, f"fewer than {FEW} people")
            elif not np.isfinite(value):
                found[name] = Measured(np.nan, np.nan, np.nan, people, "too few messages")
            elif value == 0 and quantity.unit == "per day":  # messages received
                found[name] = Measured(np.nan, np.nan, np.nan, people, NAMED_APART)
            else:
                half = half_width_of([each.get(name, np.nan) for each in without])
                if quantity.unit == "share" and value in (0.0, 1.0):
                    half = max(half, RULE_OF_THREE / people)
                half = float(np.hypot(half, max((abs(each - value) for each in unsure.get(name, ())), default=0.0)))
                found[name] = Measured(value, value - half, value + half, people)
        return found

    def _unsure(self) -> dict[str, tuple[float, float]]:
        """Return quantities of answers with less and with more chance, where chance has been subtracted."""
        if not isinstance(self._replies, Excess):
            return {}
        sets = (self._replies.sets([], chance) for chance in (1 - SURE, 1 + SURE))
        less, more = (reply_laws(turns, replies)[0] for turns, _, replies in sets)
        return {name: (less[name], more[name]) for name in less.keys() & more.keys()}

    def _counts(self) -> dict[str, int]:
        """Count the people behind a quantity where these are not all; of two sides, the smaller one."""
        parts = self._replies.answerers
        found = dict.fromkeys(ANSWERS, pl.concat(parts).unique().height if parts else 0)
        leads = int(self.people["lead"].fill_null(False).sum())
        found |= dict.fromkeys(("log_lead_sent", "log_lead_after"), min(leads, self.people.height - leads))
        if "threads" in self.people:
            found |= dict.fromkeys(OF_THREADS, int((self.people["threads"] > 0).sum()))
        for name in WRITTEN:
            found[f"log_by_{name}"] = int((self.people[name] > 0).sum()) or FEW  # that nobody uses it tells of nobody
        found |= dict.fromkeys(("log_sent_spread", "log_sent_gini"), len(steady(self.people)))
        found["log_burstiness"] = int(self.people["burst"].is_not_null().sum())
        found["log_top_tenth"] = self.people.height // 10
        return found

    def _values(self, people: Frame, loaded: Reals, law: Mapping[str, float]) -> dict[str, float]:
        """Compute all quantities of some people, from their sums and reply times."""
        if people.is_empty():  # without a group of all, who did the same at the same seconds
            return {}
        total: dict[str, Any] = {each.name: each.sum() for each in people.get_columns()}
        sent, days = total["sent"], total["days"]
        rates = steady(people)
        top = np.sort(people["sent"].to_numpy())[people.height - people.height // 10 :]
        values = {
            "log_sent": sent / days,
            "log_received": total["received"] / days,
            "log_recipients": total["addressed"] / sent,
            "log_sent_spread": float(np.log(rates).std(ddof=1)) if len(rates) > 1 else np.nan,
            "log_sent_gini": gini(rates),
            "log_ties": total["ties"] / people.height,
            "log_ties_gini": gini(people["ties"].to_numpy()),
            "log_burstiness": bursts.mean() if len(bursts := _bursts(people)) else np.nan,
            "log_lunch_share": over(total["lunch"], sent - total["weekend"]),
            "log_top_tenth": float(top.sum()) / sent,
            "log_contacts": total["contacts"] / total["weeks"],
            "log_reply_load": slope(loaded),
            **law,
            **{f"log_{name}_share": total[name] / sent for name in ("after", "evening", "night", "weekend")},
            **{f"log_by_{name}": total[name] / sent for name in WRITTEN},
        }
        if total.get("threads"):  # none if the log does not hold them
            values |= {f"log_thread_{name}": total[name] / total["threads"] for name in ("length", "single", "long")}
        lead = people["lead"].fill_null(False).to_numpy()
        leads, others = rates_of(people, lead), rates_of(people, ~lead)
        values["log_lead_sent"], values["log_lead_after"] = (over(a, b) for a, b in zip(leads, others, strict=True))
        return values

    def shapes(self) -> Shapes:
        """Return the distributions for figures; NaN where fewer than five people are behind a value."""
        replies, load = self._replies.shape
        rates = np.sort(steady(self.people))
        return Shapes(
            self.clock.hours,
            replies,
            load,
            self._threads.lengths,
            _quantiles(rates),
            _concentration(rates),
            _quantiles(self.people["ties"].to_numpy()),
            _quantiles(_bursts(self.people)),
        )


def _bursts(people: Frame) -> Reals:
    """Return the burstiness of all who have one."""
    return people["burst"].drop_nulls().to_numpy()


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


def measure(rows: Frame, scope: Scope) -> Tally:
    """Sum up a log that fits into memory: each row once, nobody writing to themselves."""
    tally = Tally(scope)
    whole = addressed(rows)
    tally.add_senders(whole)
    tally.close_senders()
    tally.add_pairs(whole)
    return tally


def half_width_of(without: list[float]) -> float:
    """Return half of the 95 % interval, from values that each lack one group of people; NaN for a single one."""
    values = np.array(without)[:, None]
    if len(values) < 2:
        return np.nan
    return float(half_width(pulls(values.mean(axis=0), values), np.ones(values.shape, np.int64))[0])
