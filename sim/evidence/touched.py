"""Which messages and people of a log a rule would touch, at full strength: by hour, channel and rank.

Hours are those of the senders, contract hours those of the log's ``Scope`` from Monday to Friday. Intervals leave out
one of twenty groups of people at a time, with what others write to it (see ``senders.Exchanges``). What fewer than five
people wrote is not shown, nor anything that would reveal it as the rest of a whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import NamedTuple

import polars as pl

from sim.evidence.quantities import DAY, FEW, HOUR, UNIT, Reals, Scope, hour, messages, weekday
from sim.evidence.traffic import LEAST_REST, half_width_of
from sim.levers.lever import Lever, Touch

ANY_RULE = "any"  # name of all rules together
EVERYTHING = "all"
KEYS = ("rule", "by", "group")
SUMS = ("n", "touched")
LOST = ("n_lost", "touched_lost")
TABLE = {
    **dict.fromkeys(KEYS, pl.String), "messages": pl.Int64, "people": pl.Int64, "share": pl.Float64, "low": pl.Float64,
    "high": pl.Float64,
}  # fmt: skip
"""Columns of the result: ``messages`` of the group, ``people`` behind it, and the ``share`` that the rule touches.

A rule that is alone is ``ANY_RULE`` of them, without rows of its own.
"""


class Rule(NamedTuple):
    """Levers with one name, and the messages that they touch."""

    name: str
    touches: tuple[Touch, ...]
    roles: bool  # whether it is limited to some roles, which a log does not know
    levers: tuple[Lever, ...] = ()


def rules_of(levers: Sequence[Lever]) -> tuple[list[Rule], list[str]]:
    """Return the rules whose messages a log shows, and the names of other rules; levers of a kind and phase are one."""
    phases = {lever.phase for lever in levers}
    found: dict[str, Rule] = {}
    rest: dict[str, None] = {}
    for lever in levers:
        name = lever.kind if len(phases) == 1 else f"{lever.kind}: {lever.phase}"
        touch = lever.touches() if lever.strength > 0 else None
        if touch is None:
            rest[lever.kind] = None
            continue
        limited = lever.scope.roles is not None
        if lever.scope.roles == ("manager",):
            touch, limited = touch._replace(leaders=True), False
        known = found.get(name, Rule(name, (), False))
        touches = tuple(dict.fromkeys((*known.touches, touch)))
        found[name] = Rule(name, touches, known.roles or limited, (*known.levers, lever))
    return list(found.values()), [name for name in rest if name not in {rule.name for rule in found.values()}]


def never_together(rules: Sequence[Rule]) -> bool:
    """Return whether some levers that touch different messages never apply to the same firm on the same day."""
    levers = [lever for rule in rules for lever in rule.levers]
    return any(one.touches() != two.touches() and not _may_meet(one, two) for one, two in combinations(levers, 2))


def _may_meet(one: Lever, two: Lever) -> bool:
    """Return whether two levers may apply to a firm on the same day, whatever roles their scopes name."""
    first, last = max(one.start or date.min, two.start or date.min), min(one.end or date.max, two.end or date.max)
    return first < last and one.scope.model_copy(update={"roles": None}).meets(two.scope)


def not_in_log(rules: Sequence[Rule], scope: Scope) -> list[str]:
    """List what the rules depend on but the log does not hold; shares are then the largest possible."""
    touches = [touch for rule in rules for touch in rule.touches]
    found = []
    meant = [len({*scope.channels} & {*touch.channels}) for touch in touches if touch.channels]
    if not scope.by_channel and any(0 < count < len(scope.channels) for count in meant):
        found.append("channels")
    if not scope.ranks and any(touch.leaders for touch in touches):
        found.append("ranks")
    return found + ["roles"] * any(rule.roles for rule in rules)


def is_touched(touch: Touch, scope: Scope) -> pl.Expr:
    """Return whether a message is touched; a condition that the log cannot show counts as met."""
    clock = pl.col("wall") % DAY / HOUR
    begins, ends = touch.window
    inside = (clock >= begins) & (clock < ends) if begins < ends else (clock >= begins) | (clock < ends)
    early = (clock < ends) if begins > ends else pl.lit(False)  # belongs to the evening before
    day = (weekday() - early.cast(pl.Int64)) % 7
    working = weekday() < 5
    at_work = working & (clock >= scope.opening) & (clock < scope.closing)
    meant = inside & {"all": pl.lit(True), "working": day < 5, "free": day >= 5}[touch.days]
    meant &= {"all": pl.lit(True), "off": ~at_work, "work": at_work}[touch.hours]
    if touch.channels and scope.by_channel:
        meant &= pl.col("channel").cast(pl.String).is_in(touch.channels)
    elif touch.channels and not {*scope.channels} & {*touch.channels}:
        meant &= pl.lit(False)
    return meant & pl.col("lead").fill_null(False) if touch.leaders and scope.ranks else meant


class Touched:
    """Sums over a log: all messages of some senders at a time, then all between some pairs of people."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._sent: list[pl.DataFrame] = []  # messages and touched ones, by rule, group and sender
        self._between: list[pl.DataFrame] = []  # those between groups of people, by rule, group and group of recipients
        self._received: list[pl.DataFrame] = []  # touched ones, by recipient
        self._bounds: list[int] = []
        self._people = pl.DataFrame()

    def add(self, rows: pl.DataFrame, scope: Scope) -> None:
        """Add all that some people sent, a row for each recipient."""
        marked, flags = self._marked(rows, scope)
        sent = messages(marked, *flags)
        for name, *key in self._keys(flags, scope):
            self._sent.append(
                sent.group_by("sender", *key).agg(pl.len().alias("n"), pl.col(name).sum().alias("touched"))
            )
        self._received.append(marked.filter(ANY_RULE).group_by("recipient").agg(pl.len().alias("n")))
        self._bounds += [*rows.select(pl.col("wall").min().alias("a"), pl.col("wall").max().alias("b")).row(0)]

    def add_pairs(self, rows: pl.DataFrame, people: pl.DataFrame, scope: Scope) -> None:
        """Add all between some pairs of people of groups ``fold`` and ``to``, ``people`` being all senders."""
        self._people = people.select("sender", "fold")
        marked, flags = self._marked(rows.filter(pl.col("fold") != pl.col("to")), scope)
        part = UNIT // pl.col("addressed").cast(pl.Int64)
        for name, *key in self._keys(flags, scope):
            sums = part.sum().alias("n"), (part * pl.col(name)).sum().alias("touched")
            self._between.append(marked.group_by(pl.col("to").alias("fold"), *key).agg(*sums))

    def _marked(self, rows: pl.DataFrame, scope: Scope) -> tuple[pl.DataFrame, list[str]]:
        """Mark the rows that each rule touches and, under ``ANY_RULE``, that any does; return them with those names."""
        flags = {rule.name: pl.any_horizontal(is_touched(each, scope) for each in rule.touches) for rule in self._rules}
        flags[ANY_RULE] = pl.any_horizontal(flags.values())
        return rows.with_columns(meant.alias(name) for name, meant in flags.items()), list(flags)

    def _keys(self, flags: Sequence[str], scope: Scope) -> Iterator[tuple[str, pl.Expr, pl.Expr, pl.Expr]]:
        """Yield the rules that are counted by each kind of group, with the columns ``KEYS``."""
        for by, group in _groups(scope).items():
            for name in flags if by in (EVERYTHING, "rank") and len(self._rules) > 1 else (ANY_RULE,):
                yield name, pl.lit(name).alias("rule"), pl.lit(by).alias("by"), group.alias("group")

    def table(self) -> pl.DataFrame:
        """Return shares of messages and, under ``by`` = people, of people, with the columns ``TABLE``."""
        sent = pl.concat(self._sent)
        count = pl.len().cast(pl.Int64).alias("people")
        own = sent.join(self._people, on="sender").group_by(*KEYS, "fold").agg(count, pl.col(SUMS).sum().cast(pl.Int64))
        lost = pl.concat(self._between).group_by(*KEYS, "fold").agg(pl.col(SUMS).sum())
        sums = own.join(lost, on=(*KEYS, "fold"), how="full", coalesce=True, suffix="_lost", nulls_equal=True)
        rows = [
            (*key, *_touched_share(*(parts[name].to_numpy() for name in ("people", *SUMS, *LOST))))
            for key, parts in sums.fill_null(0).sort(*KEYS, "fold").group_by(*KEYS, maintain_order=True)
        ]
        whole = sent.filter(pl.col("rule") == ANY_RULE, pl.col("by") == EVERYTHING)
        return _suppress_rests(pl.DataFrame([*rows, *self._people_touched(whole)], TABLE, orient="row"), sent)

    def _people_touched(self, whole: pl.DataFrame) -> Iterator[tuple[object, ...]]:
        """Yield shares of the people who write: those who send touched messages, who receive any, and often."""
        weeks = max((max(self._bounds) - min(self._bounds)) / DAY / 7, 1.0)
        got = pl.concat(self._received).group_by("recipient").agg(pl.col("n").sum())
        everyone = whole.join(got, left_on="sender", right_on="recipient", how="left", suffix="_got")
        touched, received = everyone["touched"], everyone["n_got"].fill_null(0)
        counts = {"send": touched > 0, "receive": received > 0, "receive_weekly": received >= weeks}
        for name, who in counts.items():
            count, rest = int(who.sum()), int((~who).sum())
            share = None if 0 < count < FEW or 0 < rest < FEW else count / whole.height  # it could point to a few
            yield ANY_RULE, "people", name, None, whole.height, share, None, None
        if (total := int(touched.sum())) and whole.height >= 10 * FEW:
            most = touched.sort(descending=True).head(whole.height // 10)
            yield ANY_RULE, "people", "by_top_tenth", None, whole.height, int(most.sum()) / total, None, None


def _suppress_rests(table: pl.DataFrame, sent: pl.DataFrame) -> pl.DataFrame:
    """Hide the smallest group shown where the hidden groups of its kind have few people and the total reveals them."""
    hidden = sent.filter(pl.len().over(KEYS) < FEW).group_by("rule", "by").agg(rest=pl.col("sender").n_unique())
    rest = table.join(hidden, on=("rule", "by"), how="left", maintain_order="left")["rest"]
    least = pl.col("people") == pl.col("people").min().over("rule", "by")
    gone = (rest < FEW).fill_null(False) & least & ~pl.col("by").is_in(["people", EVERYTHING])
    numbers = ("messages", "people", "share", "low", "high")
    return table.with_columns(pl.when(~gone).then(pl.col(name)).alias(name) for name in numbers)


def _groups(scope: Scope) -> Mapping[str, pl.Expr]:
    """Return the columns by which messages are grouped, as far as the log has them."""
    day = pl.when(weekday() < 5).then(pl.lit("working")).otherwise(pl.lit("free"))
    found: dict[str, pl.Expr] = {EVERYTHING: pl.lit(EVERYTHING)}
    found["hour"] = pl.format("{} {}", day, hour().cast(pl.String).str.zfill(2))
    if scope.ranks:
        found["rank"] = pl.when(pl.col("lead").fill_null(False)).then(pl.lit("leading")).otherwise(pl.lit("others"))
    if scope.by_channel:
        found["channel"] = pl.col("channel").cast(pl.String)
    return found


def _touched_share(people: Reals, n: Reals, touched: Reals, n_lost: Reals, touched_lost: Reals) -> tuple[object, ...]:
    """Return messages, people and the share touched with its interval, of groups of people; None where few wrote.

    Leaving out a group removes its own messages and those that others lose, in ``UNIT``. A share that no group changes
    has no known error: none or all messages are touched, by the rule's terms or by chance.
    """
    if people.sum() < FEW:
        return None, None, None, None, None
    share = touched.sum() / n.sum()
    rest, kept = n.sum() - n - n_lost / UNIT, touched.sum() - touched - touched_lost / UNIT
    without = (kept[rest > LEAST_REST] / rest[rest > LEAST_REST]).tolist()
    half = half_width_of(without, int(people.sum()))
    ends = (max(share - half, 0.0), min(share + half, 1.0)) if half > 0 else (None, None)
    return int(n.sum()), int(people.sum()), float(share), *ends
