"""All tables of a comparison of several rule sets with one reference, using common random numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.comparing.basis import basis_of, unshared, week_ranges, weeks_in_force, weeks_of
from sim.comparing.effects import (
    ENDS,
    HALVES,
    REFERENCE_FIRMS,
    contrast_of_sums,
    contrasts,
    outcome_labels,
    reached_by_reference,
    replicates_of,
    sums_of,
    without_nan,
)
from sim.comparing.ranking import ranking
from sim.comparing.robustness import by_draw
from sim.comparing.stated import corrected, stated, within_range
from sim.comparing.winners_losers import persons
from sim.core.columns import CHANNELS
from sim.model import drawn_firms
from sim.outcomes import (
    AFTER_MINUTES,
    BY_NAME,
    CLUSTER,
    FEWEST,
    ONE,
    SHOWN,
    Outcome,
    Reals,
    Tables,
    Whole,
    column,
    eager,
    error_and_freedom,
    firm_sums,
    influences,
    leave_one_out,
    person_weeks,
    total,
    weekly_arrays,
)
from sim.runs.simulation import World, named, side_by_side
from sim.scenario.schema import Phase, Scenario
from sim.stats.variance import SIGNIFICANCE, interval, ratio_difference, stacked_worlds, with_interval, with_posterior

AT_ONCE = 500_000  # firms times weeks per block of ``weekly_lines``
QUARTER = 13  # weeks; a run shorter than two quarters is split in half instead
DRIFTING = ("share_burnt_out", "hidden_overtime")
CAME, WENT, BESIDE = "came", "went", "beside"
TALKED = ("office_talk_minutes", "office_meeting_minutes")
SELF_ARISING = column("arrived_work_minutes") - total(("assigned_work_minutes", "handed_work_minutes"))
OVERLAP = "in force only beside later phases, whose effects count too"  # label of such a window
DISPLACED = ("displaced", *(f"displaced_{end}" for end in ("low", "high", *HALVES)))
OFF_RECORD = ("call", "shadow", "talk")  # channels that no archive keeps and no inspector can read
BY_CHANNEL = {name: column(f"after_minutes_{name}") for name in CHANNELS} | {"all": AFTER_MINUTES}
CHANNEL_OUTCOMES = tuple(
    Outcome(name, "overtime", "min/week", "", minutes, ONE, f"after-hours minutes by {name}")
    for name, minutes in BY_CHANNEL.items()
)


def all_tables(
    worlds: Sequence[World], base: World, uncertain: bool = True, ground: str = ""
) -> Mapping[str, pl.DataFrame | pl.LazyFrame]:
    """Compute all tables of a comparison, one scenario at a time, so that memory does not grow with their number.

    ``phases`` is included only if some scenario has phases. ``people``, ``firms`` and ``hours`` contain all worlds, and
    ``hours`` separates the weeks in which rules are in force. ``ground`` is that of ``ranking``.
    """
    shown = [BY_NAME[name] for name in SHOWN]
    reference = base.scenario
    parts: dict[str, list[pl.DataFrame]] = {}
    pairs: list[tuple[Scenario, Tables]] = []
    for world in worlds:
        weeks = weeks_in_force(world.scenario, reference, range(reference.run.weeks))
        tables: Tables = {**side_by_side(world, base, weeks), REFERENCE_FIRMS: named(base, "firms")}
        offsets = world.draws.offsets(world.scenario, len(world.replicates)) if uncertain and world.draws else None
        pairs.append((world.scenario, tables))
        pair, name_of = (tables, world.scenario, reference), pl.lit(world.name).alias("scenario")
        # One by one, because a plan over all scenarios would keep more files open than Polars has threads for.
        hours = tables["hours"].lazy().collect(engine="streaming")
        made = {
            "effects": contrasts(*pair, uncertain=uncertain, offsets=offsets),
            "displacement": displacement(*pair, uncertain).select(name_of, pl.all()),
            "work": work(*pair, uncertain),
            "drift": drift(*pair, uncertain),
            "persons": persons(*pair, shown, uncertain),
            "weekly": weekly_lines(*pair, uncertain),
            "draws": by_draw(*pair, shown),
            "hours": hours.select(name_of, pl.all()),
            "phases": by_phase(*pair, uncertain, offsets),
        }
        for name, table in made.items():
            if table is not None:
                parts.setdefault(name, []).append(table)
    found: dict[str, pl.DataFrame | pl.LazyFrame] = {name: pl.concat(rows) for name, rows in parts.items()}
    found |= {name: corrected(pl.concat(parts[name])) for name in ("effects", "phases") if name in parts}
    found["ranking"] = ranking(pairs, reference, shown, reference.run.seed, uncertain, ground)
    everyone = [base, *worlds]
    found |= {name: pl.concat([named(world, name) for world in everyone]) for name in ("people", "firms")}
    return found


def weekly_lines(tables: Tables, scenario: Scenario, counterfactual: Scenario, uncertain: bool = True) -> pl.DataFrame:
    """Return both worlds' values by week with the interval of their paired difference, computed in blocks of weeks.

    There is one row per set of firms, week and outcome. The sets are ``reached`` (by the scenario's rules) and
    ``others`` (reached by no rule of either world), or all firms if the scenario's rules reach none. ``rule`` and
    ``without`` are the values with and without the rule. The half width of the 95 % interval is also given by chance
    and by parameters alone; the latter is null unless replicates draw parameters.
    """
    outcomes, weeks, frame = [BY_NAME[name] for name in SHOWN], weeks_of(tables), person_weeks(tables)
    firms, kinds = eager(tables, "firms"), tables["person_week"].collect_schema()
    block = max(1, AT_ONCE // max(1, firms.height))
    elsewhere = reached_by_reference(tables).cast({key: kinds[key] for key in CLUSTER})
    elsewhere = elsewhere if firms["in_scope"].any() else elsewhere.clear()
    parts = []
    for first in range(0, len(weeks), block):
        here = weeks[first : first + block]
        chosen = frame.filter(pl.col("week").is_between(here[0], here[-1]))
        sums = firm_sums(chosen, outcomes, ("week", "world", "in_scope", *CLUSTER))
        others = sums.filter(~pl.col("in_scope")).join(elsewhere, on=CLUSTER, how="anti")
        for label, arm in (("reached", sums.filter("in_scope")), ("others", others)):
            if arm.is_empty():
                continue
            worlds = [weekly_arrays(arm, world.name, outcomes, here) for world in (counterfactual, scenario)]
            found = with_interval(ratio_difference, stacked_worlds(*worlds), replicates_of(arm) if uncertain else None)
            facts = {
                "scenario": scenario.name,
                "set": label,
                "week": np.repeat(np.asarray(here, np.int16), len(outcomes)),
                "outcome": SHOWN * len(here),
                "rule": found["ratios"][1],
                "without": found["ratios"][0],
            }
            halves = {key: found[key] for key in ("half", *HALVES)}
            if worlds[0][0].shape[1] < FEWEST:
                halves = {key: np.where(found["half"] == 0, half, np.nan) for key, half in halves.items()}
            parts.append(pl.DataFrame(facts | halves))
    return without_nan(pl.concat(parts))


def by_phase(
    tables: Tables, scenario: Scenario, counterfactual: Scenario, uncertain: bool = True, offsets: Reals | None = None
) -> pl.DataFrame | None:
    """Compare two worlds phase by phase, without correcting for multiple testing.

    The effect of a whole plan mixes years in which a rule reaches two cities with years in which it reaches all. Here
    each phase is compared on the firms that it reaches, while it is fully in force. Earlier levers that are still in
    force count. Weeks of later phases on the same firms do not, or else preparing a ban would get the effect of the
    ban; if no other weeks are left they do count, and the window says so. Levers that both worlds have belong to no
    phase. ``offsets`` are those of ``effects.contrasts``.

    The columns are those of ``effects.contrasts`` with ``phase`` and without ``spill``. Returns None unless at least
    two phases reach a firm.
    """
    own, counterfactual = _unshared(scenario, counterfactual), _unshared(counterfactual, scenario)
    if len(own.phases) < 2:
        return None
    firms, weeks, plans = eager(tables, "firms"), weeks_of(tables), []
    for phase in own.phases:
        alone = own.model_copy(update={"levers": tuple(x for x in own.levers if x.phase == phase.label)})
        # whom rules reach is drawn with the economy and depends on no fitted parameter
        scope = drawn_firms(alone, firms["replicate"].unique().sort()).select("replicate", "firm", "in_scope")
        here = firms.drop("in_scope").join(scope, on=("replicate", "firm"), how="left", maintain_order="left")
        plans.append((phase, alone, here))
    parts = []
    for phase, alone, here in plans:
        if here["in_scope"].any():
            meeting = (other for other, _, there in plans if (here["in_scope"] & there["in_scope"]).any())
            later = [other for other in meeting if other.start > phase.start]
            mine = _weeks_outside(later, weeks, scenario)
            apart = bool(mine and weeks_in_force(alone, counterfactual, mine))
            chosen = tables["person_week"].lazy().filter(pl.col("week").is_in(mine if apart else weeks))
            theirs = {**tables, "firms": here, "person_week": chosen}
            rows = contrasts(theirs, alone, counterfactual, uncertain=uncertain, offsets=offsets).drop("spill")
            if not apart:
                rows = rows.with_columns(pl.col("window").str.replace(": .*", f": {OVERLAP}"))
            parts.append(rows.select("scenario", pl.lit(phase.label).alias("phase"), pl.exclude("scenario")))
    return pl.concat(parts) if len(parts) > 1 else None


def _unshared(scenario: Scenario, other: Scenario) -> Scenario:
    return scenario.model_copy(update={"levers": unshared(scenario, other)})


def _weeks_outside(phases: Sequence[Phase], weeks: Sequence[int], scenario: Scenario) -> list[int]:
    """Remove the weeks in which one of the phases is in force on some day."""
    first = scenario.calendar.start
    spans = [((phase.start - first).days, (phase.end - first).days) for phase in phases]
    return [week for week in weeks if not any(start < 7 * week + 7 and end > 7 * week for start, end in spans)]


def _account(name: str, side: str, minutes: pl.Expr, better: str, definition: str) -> Outcome:
    return Outcome(name, side, "h/week", better, minutes / 60, ONE, definition)


ACCOUNTS: tuple[Outcome, ...] = (
    _account("by_plan", CAME, SELF_ARISING, "", "work that arrived by itself"),
    _account("ordered", CAME, column("assigned_work_minutes"), "", "work of orders that were read"),
    _account("handed_on", CAME, column("handed_work_minutes"), "", "work that colleagues handed on, once it was read"),
    _account("output", WENT, column("output_minutes"), "higher", "work done that counts"),
    _account("late", WENT, column("late_minutes"), "lower", "lost because it came after its date"),
    _account("spoiled", WENT, column("spoiled_minutes"), "lower", "lost in tasks that passed with a fault"),
    _account("dropped", WENT, column("dropped_work_minutes"), "lower", "for which a desk had no space"),
    _account("on_desks", WENT, column("desk_growth_minutes"), "", "by which the desks grew: not ended yet"),
    _account(
        "never_ordered", BESIDE, column("lapsed_work_minutes"), "", "of orders that lapsed, for all they were for"
    ),
    _account("done_again", BESIDE, column("rework_minutes"), "lower", "repeated because of a fault, not output twice"),
    _account("talked", BESIDE, total(TALKED), "", "time in talk and in meetings, in place of work and of writing"),
)


def work(tables: Tables, scenario: Scenario, counterfactual: Scenario | None, uncertain: bool = True) -> pl.DataFrame:
    """Account for the work of one or two worlds: one row per account, in nominal hours per person-week.

    In each world the accounts that ``came`` add up to those that ``went``; accounts ``beside`` are in neither sum.
    Firms, weeks and intervals are those of the effects, or of the levels of one world.
    """
    found = contrasts(tables, scenario, counterfactual, ACCOUNTS, uncertain, apart=False)
    values = ["baseline", "scenario_value", "difference"] if counterfactual else ["value"]
    return found.select(
        "scenario", pl.col("outcome").alias("account"), pl.col("family").alias("side"), "unit", "better", *values,
        "low", "high", "window",
    )  # fmt: skip


def drift(
    tables: Tables, scenario: Scenario, counterfactual: Scenario | None, uncertain: bool = True
) -> pl.DataFrame | None:
    """Estimate how far today changes by itself: the last quarter of a year less the first, without the rules.

    The world is the counterfactual, or a single world that is compared with nothing. One row per outcome of
    ``DRIFTING``, over the firms of the effects and with the same kind of intervals. None for a run of one week, which
    has no later part.
    """
    outcomes, world = [BY_NAME[name] for name in DRIFTING], (counterfactual or scenario).name
    basis, weeks = basis_of(tables, scenario, counterfactual), weeks_of(tables)
    length = min(QUARTER, len(weeks) // 2)
    if not length:
        return None
    ends = weeks[:length], weeks[-length:]
    parts = [sums_of(tables, [world], outcomes, basis._replace(weeks=end)) for end in ends]
    above, below = (np.concatenate(side) for side in zip(*parts, strict=True))
    replicates = replicates_of(basis.firms) if uncertain else None
    found = with_posterior(ratio_difference, (above, below), replicates)
    first, last = found["ratios"]
    scores = [outcome.unit == "sd" for outcome in outcomes]  # have no natural zero
    facts: dict[str, Any] = {
        "scenario": scenario.name,
        "world": world,
        **outcome_labels(outcomes),
        "first": first,
        "last": last,
        "change": found["value"],
        **{name: found[name] for name in ("low", "high")},
        "relative": found["value"] / np.where((first == 0) | scores, np.nan, np.abs(first)),
        "window": f"{week_ranges(ends[0])} to {week_ranges(ends[1])}",
        "firms": basis.firms.height,
    }
    return within_range(stated(without_nan(pl.DataFrame(facts))), differences=True)


def displacement(tables: Tables, scenario: Scenario, counterfactual: Scenario, uncertain: bool = True) -> pl.DataFrame:
    """Compare after-hours minutes by channel, and estimate how many of the lost minutes reappear in other channels.

    One row per world and channel, and one for ``all``, over the firms in scope in the evaluation window. Only rows of
    the scenario contain the paired difference, with an interval if it is ``stated``. The scenario's row ``all``
    contains ``displaced``: minutes gained by channels that grew per minute lost by channels that shrank. It is null if
    no channel clearly shrank, beyond chance and by its interval; after losses by chance alone the ratio could be
    anything.
    """
    worlds = (counterfactual.name, scenario.name)
    basis = basis_of(tables, scenario, counterfactual)
    above, below = sums_of(tables, worlds, CHANNEL_OUTCOMES, basis)
    replicates = replicates_of(basis.firms) if uncertain else None
    found = contrast_of_sums(above, below, replicates)
    pairing = {key: found[key] for key in ("difference", *ENDS)}
    pairing["low"] = np.where(found["baseline"] == 0, np.maximum(found["low"], 0.0), found["low"])
    pairing["high"] = np.where(found["scenario_value"] == 0, np.minimum(found["high"], 0.0), found["high"])
    moved = np.full((len(DISPLACED), len(CHANNEL_OUTCOMES)), np.nan)
    if (pairing["high"][:-1] < 0).any():
        moved[:, -1] = _displaced(above[..., :-1], below[..., :-1], replicates)
    pairing |= dict(zip(DISPLACED, moved, strict=True))
    parts = []
    for world, side in zip(worlds, ("baseline", "scenario_value"), strict=True):
        facts: dict[str, Any] = {
            "world": world,
            "window": basis.window,
            "channel": [outcome.name for outcome in CHANNEL_OUTCOMES],
            "recorded": [outcome.name not in OFF_RECORD for outcome in CHANNEL_OUTCOMES[:-1]] + [None],
            "minutes_per_person_week": found[side],
            "firms": basis.firms.height,
        }
        blank = np.full(len(CHANNEL_OUTCOMES), np.nan)
        facts |= dict.fromkeys(pairing, blank) if world == counterfactual.name else pairing
        parts.append(pl.DataFrame(facts))
    return stated(without_nan(pl.concat(parts))).drop("firms")


def _displaced(numerators: Whole, denominators: Whole, replicates: Whole | None) -> tuple[float, ...]:
    """Compute the displacement ratio, the ends of its 95 % interval and its halves from (2, firms, channels).

    The interval covers both that over all channels and that over channels whose change is clearly not chance: growth by
    chance in other channels would add gains that nobody made.
    """
    value, without = leave_one_out(numerators, denominators)
    change, change_without = value[1] - value[0], without[1] - without[0]
    error, freedom = error_and_freedom(influences(change, change_without), denominators.sum(axis=0))
    clear = np.abs(change) > stdtrit(freedom, 1.0 - SIGNIFICANCE / 2 / len(change)) * error
    if not (clear & (change < 0)).any():
        return (np.nan,) * len(DISPLACED)

    def among(chosen: NDArray[np.bool_]) -> tuple[float, float, float, float]:
        """Return the ratio over some channels, and the halves of its interval.

        It is linearised within a replicate around the overall ratio, because a replicate's lost minutes may be close to
        zero.
        """
        gained, lost = chosen & (change > 0), chosen & (change < 0)
        loss = -change[lost].sum()
        ratio = change[gained].sum() / loss
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio_without = -change_without[:, gained].sum(axis=1) / change_without[:, lost].sum(axis=1)

        def linear(above: Reals, below: Reals) -> Reals:
            """Linearise the ratio of (2, ..., channels) around its overall value."""
            moved = ratio_difference(above, below)
            extra = moved[..., gained].sum(axis=-1) + ratio * moved[..., lost].sum(axis=-1)
            return np.asarray(ratio + extra / loss)[..., None]

        influence = influences(np.array([ratio]), ratio_without[:, None])
        found = interval(linear, (numerators, denominators), influence, replicates)
        half, chance, parameters = (float(found[key][0]) for key in ("half", *HALVES))
        return float(ratio), half, chance, parameters

    ratio, half, chance, parameters = among(change != 0)
    surely, other, _, _ = among(clear)
    low, high = min(ratio - half, surely - other), max(ratio + half, surely + other)
    return ratio, max(low, 0.0), high, chance, parameters
