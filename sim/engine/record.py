"""Records of a run: the ledger and the states by week, and the events of sampled messages.

Times are whole seconds in the engine and minutes in the tables; money is whole fen in the engine and yuan here.
"""

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from sim.core.columns import CHANNELS, EVENTS, KINDS, ROLES, WEEKLY_STATES, L, Ledger, table_name
from sim.core.parameters import Q
from sim.engine.records import Table, table
from sim.engine.state import EVENT, HOURS, World, new_week, sums
from sim.scenario.countries import Country
from sim.scenario.schema import Scenario

STATES = tuple(WEEKLY_STATES)
HOUR_BLOCKS = 26  # maximum number of blocks of hourly counts; four weeks each in two years
_GROWING = ("weeks", "ledgers", "states", "logs", "blocks")  # lists of a recorder whose entries no longer change


class Recorder:
    """Weekly sums, states and message events of one run; the calendar and cut-offs come from the scenario."""

    def __init__(self, world: World, scenario: Scenario, first_date: date, parameters: np.ndarray) -> None:
        self.world = world
        self.first_date = first_date
        self.parameters = parameters
        self.country = scenario.country
        self.warmup_weeks = scenario.run.warmup_days // 7
        self.weeks: list[int] = []
        self.ledgers: list[np.ndarray] = []
        self.states: list[np.ndarray] = []
        self.logs: list[Table] = []
        self.log_lost = 0
        self.blocks: list[tuple[int, np.ndarray, np.ndarray]] = []  # first week, where messages were sent, counts
        self._ends = {first + length: first for first, length in hour_blocks(scenario.run.weeks)}
        self._before = np.zeros_like(world.hours)  # counts at the end of the last block

    def close_week(self, week: int) -> None:
        """Store the finished week, counted from the start of the warm-up, and begin a new ledger."""
        w = self.world
        self.weeks.append(week - self.warmup_weeks)
        self.ledgers.append(sums(w).astype(np.int32))
        new_week(w)
        state = np.empty((len(w.person), len(STATES)), np.float32)
        for n, name in enumerate(STATES):
            if name == "exhaustion":
                state[:, n] = w.person.exhaustion_trait + w.person.exhaustion_state
            elif name in ("fatigue", "detachment"):  # these vary within a week, so the mean and not Sunday's value
                state[:, n] = w.person[name + "_week"]
            elif name in ("compliance", "fear"):
                state[:, n] = w.firm[name][w.person.firm]
            else:
                state[:, n] = w.person[name]
        self.states.append(state)
        if week - self.warmup_weeks == -1:
            w.hours[:] = 0
        first = self._ends.get(week + 1 - self.warmup_weeks)
        if first is not None:
            now = w.hours.copy()
            flat = (now - self._before).reshape(-1, len(CHANNELS)).astype(np.int32)
            some = flat.any(axis=1).nonzero()[0]
            self._before = now
            self.blocks.append((first, some, flat[some]))

    def record(self) -> dict[str, Any]:
        """Copy what has been recorded so far."""
        lists = {name: list(getattr(self, name)) for name in _GROWING}
        return {**lists, "log_lost": self.log_lost, "_before": self._before}

    def resume(self, record: dict[str, Any]) -> None:
        """Continue from a copy of another recorder's records."""
        for name, value in record.items():
            setattr(self, name, list(value) if name in _GROWING else value)

    def forget(self) -> None:
        """Drop the weeks recorded so far."""
        for kept in (self.weeks, self.ledgers, self.states):
            kept.clear()

    def add_log(self, events: Table, lost: int) -> None:
        """Keep events of messages (EVENT records) and the number of events for which there was no space."""
        self.logs.append(events)
        self.log_lost += lost

    def people(self, replicate: int) -> pl.DataFrame:
        """Describe the people as they are now, one row each."""
        w = self.world
        return pl.DataFrame(
            {
                "replicate": np.full(len(w.person), replicate, np.int16),
                "firm": w.firm.number[w.person.firm].astype(np.int32),
                "person": self._person(),
                "role": pl.Series([ROLES[r] for r in w.person.role], dtype=pl.Enum(ROLES)),
                "is_manager": w.person.manages == 1,
                "partner": w.person.partner == 1,
                "segmentation": w.person.segmentation.astype(np.float32),
                "workload": w.person.workload.astype(np.float32),
                "volume": w.person.volume.astype(np.float32),
                "activity": w.person.activity.astype(np.float32),
            }
        )

    def _person(self) -> np.ndarray:
        w = self.world
        return (np.arange(len(w.person)) - w.firm.first[w.person.firm]).astype(np.int32)

    def person_week(self, world_name: str, replicate: int) -> pl.DataFrame:
        """Return one row per person and finished week."""
        w = self.world
        n, weeks = len(w.person), len(self.weeks)
        columns: dict[str, pl.Series | np.ndarray] = {
            "world": pl.Series([world_name], dtype=pl.Categorical).new_from_index(0, n * weeks),
            "replicate": np.full(n * weeks, replicate, np.int16),
            "firm": np.tile(w.firm.number[w.person.firm].astype(np.int32), weeks),
            "person": np.tile(self._person(), weeks),
            "week": np.repeat(np.array(self.weeks, np.int16), n),
        }
        for name, column in zip(Ledger._fields, L, strict=True):
            values = np.concatenate([ledger[:, column] for ledger in self.ledgers]) if weeks else np.zeros(0, np.int32)
            per = 60.0 if "_seconds" in name else 100.0 if name.endswith("_fen") else 0.0
            columns[table_name(name)] = (values / per).astype(np.float32) if per else values
        for k, name in enumerate(STATES):
            columns[name] = np.concatenate([state[:, k] for state in self.states]) if weeks else np.zeros(0, np.float32)
        p = self.parameters
        score = 0.5 * (pl.col("exhaustion").cast(pl.Float64) + pl.col("cynicism").cast(pl.Float64))
        frame = pl.DataFrame(columns).with_columns(
            (score > p[Q.burnout_cutoff]).alias("burnt_out"),
            (pl.col("exhaustion") > p[Q.exhaustion_cutoff]).alias("exhausted"),
            (pl.col("anxiety") > p[Q.anxiety_cutoff]).alias("anxious"),
        )
        leads = pl.Series(np.tile(w.person.manages == 1, weeks))
        return frame.with_columns(pl.when(leads).then(pl.col("demand")).otherwise(None).alias("demand"))

    def hours_by_block(self, replicate: int) -> pl.DataFrame:
        """Count the messages sent after the warm-up by block of weeks, firm and hour, without rows of zeros."""
        first, some, counts = zip(*self.blocks, strict=True)
        place, count = np.concatenate(some), np.concatenate(counts)
        return pl.DataFrame({
            "replicate": np.full(len(place), replicate, np.int16),
            "week": np.repeat(np.array(first, np.int16), [len(each) for each in some]),
            "firm": self.world.firm.number[place // HOURS].astype(np.int32),
            "hour_of_week": (place % HOURS).astype(np.int16),
            **{name: count[:, channel] for channel, name in enumerate(CHANNELS)},
        })  # fmt: skip

    def hours(self, world_name: str, replicate: int, in_scope: np.ndarray) -> pl.DataFrame:
        """Count the messages sent after the warm-up by scope, hour of the week and channel."""
        parts = []
        for scope in (False, True):
            total = self.world.hours[in_scope == scope].sum(axis=0)
            parts.append(
                pl.DataFrame(
                    {
                        "world": pl.Series([world_name] * total.size, dtype=pl.Categorical),
                        "replicate": np.full(total.size, replicate, np.int16),
                        "in_scope": np.full(total.size, scope),
                        "hour_of_week": np.repeat(np.arange(HOURS, dtype=np.int16), len(CHANNELS)),
                        "channel": pl.Series(list(CHANNELS) * HOURS, dtype=pl.Enum(CHANNELS)),
                        "messages": total.ravel(),
                    }
                )
            )
        return pl.concat(parts)

    def events(self) -> pl.DataFrame:
        """Return the events of the sampled messages as they happened; persons are rows of the world."""
        events = np.concatenate([table(0, EVENT), *self.logs])
        return pl.DataFrame({name: np.ascontiguousarray(events[name]) for name in EVENT.names or ()}).rename(
            {"key": "message"}
        )

    def messages(self, world_name: str, replicate: int) -> pl.DataFrame:
        """Return one row per sampled message and recipient; times are null where the event never happened."""
        midnight = datetime(self.first_date.year, self.first_date.month, self.first_date.day)
        log = self.events().with_columns((pl.lit(midnight) + pl.duration(seconds=pl.col("second"))).alias("when"))
        person, firm = self._person(), self.world.firm.number[self.world.person.firm]
        names = dict(enumerate(EVENTS))
        sent = log.filter(pl.col("event") == 0).select("message", pl.col("when").alias("sent"))
        table = log.filter(pl.col("event") != 0).group_by("message", "person", maintain_order=True).agg(
            pl.col("thread").first(), pl.col("sender", "channel", "kind", "urgent", "group").first(),
            *(pl.col("when").filter(pl.col("event") == n).first().alias(name) for n, name in names.items() if n > 0),
        )  # fmt: skip
        rows, senders = table["person"].to_numpy(), table["sender"].to_numpy()
        return (
            table.join(sent, on="message", how="left", maintain_order="left")
            .with_columns(
                pl.lit(world_name).cast(pl.Categorical).alias("world"),
                pl.lit(replicate, pl.Int16).alias("replicate"),
                pl.Series("firm", firm[rows].astype(np.int32)),
                pl.Series("recipient", person[rows]),
                pl.Series("sender", person[senders]).set(pl.Series(senders < 0), None),
                _name(pl.col("channel"), CHANNELS),
                _name(pl.col("kind"), KINDS),
                pl.col("urgent") == 1,
                pl.col("group") == 1,
                _hexadecimal(table["message"]),
                _hexadecimal(table["thread"]),
            )
            .select(
                "world", "replicate", "firm", "message", "thread", "sender", "recipient", "channel", "kind", "urgent",
                "group", "sent", "delivered", "read", "answered", "buried", "cleared",
            )
        )  # fmt: skip


def _name(code: pl.Expr, names: tuple[str, ...]) -> pl.Expr:
    return code.replace_strict(dict(enumerate(names)), return_dtype=pl.Enum(names))


def _hexadecimal(keys: pl.Series) -> pl.Series:
    digits = keys.to_numpy().astype(">u8").tobytes().hex().encode()
    return pl.Series(keys.name, np.frombuffer(digits, "S16")).cast(pl.String)


def hour_blocks(weeks: int) -> list[tuple[int, int]]:
    """Split the weeks after the warm-up into at most ``HOUR_BLOCKS`` blocks, as pairs of first week and length."""
    length = math.ceil(weeks / HOUR_BLOCKS)
    return [(first, min(length, weeks - first)) for first in range(0, weeks, length)]


def firm_table(
    w: World, country: Country, replicate: int, in_scope: np.ndarray, weights: Mapping[int, float]
) -> pl.DataFrame:
    """Describe firms, one row each: ``in_scope`` if some lever reaches it, ``weight`` the firms it represents."""
    cities, trades = country.cities, country.trades
    return pl.DataFrame(
        {
            "replicate": np.full(len(w.firm), replicate, np.int16),
            "firm": w.firm.number.astype(np.int32),
            "city": pl.Series([cities[c] for c in w.firm.city], dtype=pl.Enum(cities)),
            "industry": pl.Series([trades[c] for c in w.firm.industry], dtype=pl.Enum(trades)),
            "size": w.firm.people.astype(np.int32),
            "in_scope": in_scope,
            "pays_hidden_overtime": w.firm.pays == 1.0,
            "fines_yuan": w.firm.fines,
            "inspections": w.firm.inspections.astype(np.int32),
            "complaints": w.firm.complaints.astype(np.int32),
            "orders": w.firm.orders.astype(np.int32),
            "weight": [weights.get(number, 1.0) for number in w.firm.number.tolist()],
        }
    )
