"""Made-up tables of comparisons, explanations, evaluations, designs and scorecards, as figures read them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from sim.core.columns import CHANNELS, ROLES
from sim.core.parameters import ROWS
from sim.evidence.quantities import QUANTITIES
from sim.evidence.replies import EDGES, LOADS
from sim.evidence.threads import LONGEST
from sim.figures.style import styled
from sim.figures.words import speaking
from sim.report import plots
from sim.runs.results import country_of
from sim.scenario.countries import home

REFERENCE = "status_quo"
LIBRARY = (
    "no_instant_messaging", "pilot_ban", "rollout_ban", "full_ban", "staged_ban", "quiet_hours", "hold_delivery",
    "message_batching", "focus_hours", "flexible_hours", "auto_block", "scheduled_mail", "project_tool",
    "internal_messenger", "emergency_line", "france_2017", "eu_working_time", "australia_2024", "china_offline_rest",
    "digital_labour_act", "korea_52h", "japan_overtime_cap", "singapore_sandbox", "us_at_will",
    "gdpr_monitoring_limits", "overtime_pay", "union_oversight", "anonymous_reporting", "tax_incentive", "culture_996",
    "placebo",
)  # fmt: skip
# outcome: family, unit, better, value without the rule, spread of the effects of rules, half width of their intervals
OUTCOMES = {
    "share_burnt_out": ("burnout", "share", "lower", 0.42, 0.025, 0.012),
    "exhaustion": ("burnout", "sd", "lower", 0.05, 0.06, 0.03),
    "recorded_overtime": ("overtime", "h/week", "lower", 9.8, 0.6, 0.25),
    "latent_overtime": ("overtime", "h/week", "lower", 6.4, 1.2, 0.4),
    "hidden_overtime": ("overtime", "h/week", "lower", 6.2, 1.1, 0.4),
    "output_per_hour": ("efficiency", "min/h", "higher", 41.0, 0.7, 0.3),
    "output_per_paid_hour": ("efficiency", "min/h", "higher", 46.0, 0.9, 0.35),
    "waiting": ("efficiency", "h/answer", "lower", 8.2, 1.4, 0.3),
    "message_minutes": ("messaging", "min/day", "", 121.0, 14.0, 4.0),
    "conflict": ("home", "0..1", "lower", 0.44, 0.03, 0.012),
    "employer_cost": ("money", "yuan/year", "lower", 182_000.0, 2_400.0, 900.0),
}
GROUPS = {
    "all": "all", "managers": "manager", "staff": "manager", **dict.fromkeys(ROLES[1:], "role"),
    **dict.fromkeys(home().trades, "industry"), "size_1_9": "size", "size_10_49": "size", "size_50_249": "size",
    **dict.fromkeys(home().cities, "city"),
}  # fmt: skip


class Pictures(Mapping[str, Figure]):
    """Figures by name, as ``plots.figures`` draws them; each is drawn when a test looks at it, and once."""

    def __init__(
        self, tables: Mapping[str, pl.DataFrame], manifest: dict[str, Any], language: str = "en",
        chosen: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        self.spoken = language, country_of(manifest)
        self.planned = {each.name: each for each in plots.planned(tables, manifest, language, chosen)}
        self.drawn: dict[str, Figure] = {}

    def __getitem__(self, name: str) -> Figure:
        if name not in self.drawn:
            each = self.planned[name]
            with styled(), speaking(*self.spoken):
                self.drawn[name] = each.draw(each.tables, each.about)
        return self.drawn[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.planned)

    def __len__(self) -> int:
        return len(self.planned)


def overview(scenarios: tuple[str, ...] = LIBRARY, kind: str = "comparison", **more: Any) -> dict[str, Any]:
    """Make a manifest as a comparison writes it."""
    about = {
        "kind": kind,
        "scenarios": list(scenarios),
        "counterfactual": REFERENCE,
        "titles": {name: {"en": f"Title of {name}", "zh": ""} for name in scenarios},
        "start": "2026-01-05",
        "replicates": 1 if kind == "evaluation" else 4,
        "seed": 20261125,
    }
    return about | more


def comparison(scenarios: tuple[str, ...] = LIBRARY, groups: tuple[str, ...] = ("all",)) -> dict[str, pl.DataFrame]:
    """Make the tables of a comparison; the placebo has no effect at all."""
    rng = np.random.default_rng(11)
    effects, persons = [], []
    for scenario in scenarios:
        size = 0.0 if scenario == "placebo" else 4.0 if scenario == "no_instant_messaging" else rng.gamma(2, 0.5)
        for group in groups:
            for name, (family, unit, better, baseline, spread, half) in OUTCOMES.items():
                sign = {"lower": -1, "higher": 1, "": -1}[better]
                value = size * spread * (0.7 * sign + rng.normal(0, 0.7))
                wide = half * (0.6 + 0.5 * size) * (size > 0) * (1.0 if group == "all" else 2.0)
                p = math.erfc(abs(value) / (wide / 1.96) / math.sqrt(2)) if wide else 1.0
                effects.append(
                    {
                        "scenario": scenario, "counterfactual": REFERENCE, "group": group, "group_kind": GROUPS[group],
                        "window": "weeks 34–103: rules fully in force", "outcome": name, "family": family, "unit": unit,
                        "better": better, "baseline": baseline, "scenario_value": baseline + value,
                        "difference": value, "low": value - wide, "high": value + wide, "relative": value / baseline,
                        "firms": 140, "people": 4321, "p_value": p, "p_holm": min(1.0, 40 * p),
                        "low_simultaneous": value - 1.7 * wide, "high_simultaneous": value + 1.7 * wide,
                        "half_chance": 0.6 * wide, "half_parameters": 0.8 * wide,
                    }
                )  # fmt: skip
                lucky = 1 / (1 + math.exp(sign * -3 * value / (spread or 1)))
                same = 0.3 if size else 1.0
                persons.append(
                    {
                        "scenario": scenario, "group": group, "group_kind": GROUPS[group], "outcome": name,
                        "unit": unit, "better": better, "share_better": (1 - same) * lucky,
                        "share_worse": (1 - same) * (1 - lucky), "share_same": same, "p10": value - 2 * spread * size,
                        "p50": value, "p90": value + 2.2 * spread * size, "mean": value, "people": 4321,
                        "threshold": 0.1 * spread, **_ends("share_better", (1 - same) * lucky),
                        **_ends("share_worse", (1 - same) * (1 - lucky)),
                    }
                )  # fmt: skip
    table = pl.DataFrame(effects)
    return {
        "effects": table,
        "persons": pl.DataFrame(persons),
        "ranking": _ranking(table.filter(pl.col("group") == "all"), rng),
        "displacement": pl.concat([displacement(name, 0.0 if name == "placebo" else 1.0) for name in scenarios]),
    }


def _ends(name: str, share: float) -> dict[str, float]:
    """Make an interval of a share, which may reach beyond what a share can be."""
    return {f"{name}_low": share - 0.08 * (share > 0), f"{name}_high": share + 0.08 * (share > 0)}


def readings(
    scenarios: tuple[str, ...] = ("pilot_ban", "quiet_hours", "placebo"), sets: tuple[str, ...] = ("report", "audited")
) -> dict[str, pl.DataFrame]:
    """Lay comparisons side by side, each under parameters by which effects are weaker and less sure than before."""
    from sim.comparing.robustness import combined_readings

    parts = {}
    for place, name in enumerate(sets):
        tables = comparison(scenarios)
        ends = {end: pl.col(end) * (1 - 0.7 * place) for end in ("difference", "low", "high", "relative")}
        contrary = pl.col("outcome").is_in(["waiting", "conflict"]) & (place % 2 == 1)
        wider = 0.02 * place * pl.col("baseline")
        turned = {
            "difference": pl.when(contrary).then(-pl.col("difference")).otherwise(pl.col("difference")),
            "low": pl.when(contrary).then(-pl.col("high")).otherwise(pl.col("low") - wider),
            "high": pl.when(contrary).then(-pl.col("low")).otherwise(pl.col("high") + wider),
        }
        same = pl.col("scenario") == "placebo"
        moved = tables["effects"].with_columns(**ends).with_columns(**turned)
        still = tables["effects"].filter(same)
        ranks = tables["ranking"].with_columns(family=pl.lit("burnout"), better=pl.lit("lower"))
        parts[name] = {"effects": pl.concat([moved.filter(~same), still]), "ranking": ranks}
    return combined_readings(parts)


def _ranking(effects: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Draw which scenario is best, by the intervals of the effects."""
    parts = []
    for name, (_, _, better, baseline, _, _) in OUTCOMES.items():
        if not better:
            continue
        rows = effects.filter(pl.col("outcome") == name)
        names = [REFERENCE, *rows["scenario"]]
        value = np.concatenate([[0.0], rows["difference"].to_numpy()])
        half = np.concatenate([[0.0], (rows["high"] - rows["low"]).to_numpy() / 2])
        draws = (value + rng.normal(0, 1, (400, value.size)) * half / 1.96) * (1 if better == "lower" else -1)
        regret = draws - draws.min(axis=1, keepdims=True)
        parts.append(
            pl.DataFrame(
                {
                    "outcome": name,
                    "unit": OUTCOMES[name][1],
                    "scenario": names,
                    "firms": 140,
                    "basis": "firms that every rule set with rules reaches",
                    "window": "weeks 34–103",
                    "mean": baseline + value,
                    "probability_best": (draws.argmin(axis=1)[:, None] == np.arange(value.size)).mean(axis=0),
                    "expected_rank": 1 + draws.argsort(axis=1).argsort(axis=1).mean(axis=0),
                    "regret": regret.mean(axis=0),
                    "regret_high": np.quantile(regret, 0.95, axis=0),
                }
            )
        )
    return pl.concat(parts)


def displacement(scenario: str, size: float = 1.0, reference: str = REFERENCE) -> pl.DataFrame:
    """Make minutes outside hours by channel."""
    names = [*CHANNELS, "all"]
    before = np.array([152.0, 118.0, 31.0, 14.0, 22.0, 19.0, 0.0, 356.0])
    change = size * np.array([-139.0, -111.0, 27.0, 33.0, 24.0, 51.0, 0.0, -115.0])
    wide = abs(size) * np.array([9.0, 8.0, 4.0, 5.0, 4.0, 7.0, 0.0, 12.0])
    ratio = {"displaced": 0.54, "displaced_low": 0.41, "displaced_high": 0.66} if size else {}
    blank = dict.fromkeys(("difference", "low", "high", "displaced", "displaced_low", "displaced_high"))
    rows = []
    for world, minutes in ((reference, before), (scenario, before + change)):
        for n, name in enumerate(names):
            row: dict[str, Any] = {"scenario": scenario, "world": world, "window": "weeks 34–103: rules fully in force"}
            row |= {"channel": name, "recorded": name not in ("shadow", "call", "talk") if name != "all" else None}
            row |= {"minutes_per_person_week": minutes[n]} | blank
            if world == scenario:
                row |= {"difference": change[n], "low": change[n] - wide[n], "high": change[n] + wide[n]}
                row |= ratio if name == "all" else {}
            rows.append(row)
    types = {"recorded": pl.Boolean} | dict.fromkeys(blank, pl.Float64)
    return pl.DataFrame(rows, schema_overrides=types)


PARTS = (
    "m4_after_hours", "m5_on_call", "m6_norms", "m8_waiting", "m10_compliance", "m2_attention", "m3_overload",
)  # fmt: skip


def explanation(mechanisms: tuple[str, ...] = PARTS) -> dict[str, pl.DataFrame]:
    """Make contributions of mechanisms; on waiting the whole effect is not clear."""
    rng = np.random.default_rng(5)
    rows = []
    for name, whole, half in (
        ("share_burnt_out", -0.032, 0.012),
        ("hidden_overtime", -2.8, 0.5),
        ("waiting", 0.1, 0.3),
    ):
        unit = OUTCOMES[name][1]
        effect = {"scenario": "pilot_ban", "outcome": name, "unit": unit, "firms": 140, "window": "weeks 26–77"}
        ends = {"effect": whole, "low": whole - half, "high": whole + half}
        blank = dict.fromkeys(("contribution", "contribution_low", "contribution_high", "share"))
        rows.append(effect | {"mechanism": "all"} | ends | blank)
        for number, mechanism in enumerate(mechanisms):
            part = whole * (0.6, 0.35, 0.2, -0.1, 0.08, 0.02, 0.0)[number % len(PARTS)] + rng.normal(0, half / 9)
            wide = half * rng.uniform(0.2, 0.5)
            row = effect | {"mechanism": mechanism, "effect": whole - part}
            row |= {"low": whole - part - half, "high": whole - part + half, "contribution": part}
            row |= {"contribution_low": part - wide, "contribution_high": part + wide}
            rows.append(row | {"share": part / whole if name != "waiting" else None})
    return {"explanation": pl.DataFrame(rows, infer_schema_length=None)}


def evaluation() -> dict[str, pl.DataFrame]:
    """Make what an evaluator sees: payroll misses the latent hours, so its estimate of all overtime is biased."""
    rng = np.random.default_rng(9)
    cells = (
        ("share_burnt_out", "survey", "share", -0.03, 0.018, 0.0),
        ("hidden_overtime", "survey", "h/week", -2.8, 0.9, 0.4),
        ("recorded_overtime", "payroll", "h/week", 0.5, 0.25, 0.0),
        ("total_hours", "payroll", "h/week", -2.2, 0.4, 2.6),
    )
    events, estimates = [], []
    for outcome, source, unit, size, half, bias in cells:
        for period in range(-6, 19):
            rise = min(max(period, 0) / 4, 1.0)
            estimate = (size + bias) * rise + rng.normal(0, half / 2)
            base = period == -1
            row = {"outcome": outcome, "source": source, "unit": unit, "period": period, "truth": size * rise}
            row |= {"replicate": 0, "controls": "other_cities"}
            row |= {"estimate": 0.0 if base else estimate}
            row |= {"low": 0.0 if base else estimate - half, "high": 0.0 if base else estimate + half}
            events.append(row)
        for estimator in ("twfe", "sun_abraham"):
            estimate = size + bias + rng.normal(0, half / 3)
            row = {"outcome": outcome, "source": source, "unit": unit, "estimator": estimator, "estimate": estimate}
            row |= {"replicate": 0, "controls": "other_cities", "truth": size, "truth_low": size - half / 3}
            row |= {"low": estimate - half, "high": estimate + half}
            row |= {"truth_high": size + half / 3, "bias": estimate - size, "covers": abs(estimate - size) < half}
            row |= {"n_firms": 60, "n_people": 900, "p_before": 0.31 if estimator == "sun_abraham" else None}
            estimates.append(row)
    firms = pl.DataFrame({"firm": [1, 2, 3], "start": [date(2026, 7, 6)] * 2 + [None]})
    return {
        "event_study": pl.DataFrame(events),
        "estimates": pl.DataFrame(estimates, infer_schema_length=None),
        "firms": firms,
    }


def design(firms: tuple[int, ...] = (10, 20, 40, 80), months: tuple[int, ...] = (6, 12, 24)) -> dict[str, pl.DataFrame]:
    """Make power curves that rise with firms and months."""
    rows = []
    measured = (
        ("share_burnt_out", "survey", -0.017, "share"), ("exhaustion", "survey", -0.054, "sd"),
        ("after_hours_share", "survey", -0.006, "share"), ("total_hours", "survey", -1.14, "h/week"),
        ("latent_overtime", "survey", -0.94, "h/week"), ("recorded_overtime", "payroll", -0.205, "h/week"),
        ("total_hours", "payroll", -1.14, "h/week"),
    )  # fmt: skip
    for outcome, source, effect, unit in measured:
        ease = 0.5 if outcome == "share_burnt_out" else 1.1
        for count in firms:
            for month in months:
                power = 1 - math.exp(-ease * math.sqrt(count / 20) * month / 9)
                half = 1.96 * math.sqrt(power * (1 - power) / 200)
                rows.append(
                    {
                        "cities": 4, "firms": count, "months": month, "people_per_firm": 15, "outcome": outcome,
                        "source": source, "pilots": 200, "stock": 60,
                        "unit": unit, "effect": effect, "effect_least": 1.6 * effect, "effect_most": 0.3 * effect,
                        "power": power, "power_low": max(power - half, 0.0),
                        "power_high": min(power + half, 1.0), "mde": abs(effect) / ease / math.sqrt(count / 20),
                        "bias": 0.001, "coverage": 0.94, "rejects_placebo": 0.05,
                    }
                )  # fmt: skip
    return {"design": pl.DataFrame(rows)}


MOVED = (
    "tasks_per_day", "staff_messages", "assignment_minutes", "search_minutes", "act_base", "act_expectation",
    "refuse_share", "reentry_minutes", "initiative_manager", "norm_manager", "norm_peers", "demand_response",
    "norm_rule", "exhaustion_detachment", "stay_culture", "compliance_base", "compliance_fear", "evade", "switch_open",
)  # fmt: skip
NO_PRIOR = ("overload_spared", "answer_later_minutes")


def sensitivity(parameters: tuple[str, ...] = (*MOVED, *NO_PRIOR)) -> dict[str, pl.DataFrame]:
    """Make a screening in which many parameters move nothing, and indices of which some may not be read."""
    rng = np.random.default_rng(17)
    screening, indices, about = [], [], []
    for measure in ("level", "effect"):
        for place, (outcome, (family, unit, _, base, size, _)) in enumerate(OUTCOMES.items()):
            facts = {"measure": measure, "outcome": outcome, "family": family, "unit": unit}
            star = (base * 0.3 if measure == "level" else size) * rng.gamma(0.6, 1.0, len(parameters))
            bound = 0.25 * star.mean() * rng.gamma(9, 1 / 9, len(parameters))
            mu = star * rng.choice([-1.0, 1.0, 0.3], len(parameters))
            good = not (measure == "effect" and place == 6)
            weight = star**2 / (star**2).sum()
            about.append(facts | {"explained": 0.86 if good else 0.31, "emulator_good": good})
            for k, name in enumerate(parameters):
                row = {
                    "parameter": name, "mu": mu[k], "mu_star": star[k], "half": 0.2 * star[k], "share":
                    star[k] / star.sum(), "chance_bound": bound[k], "above_chance": bool(star[k] > bound[k]),
                }  # fmt: skip
                screening.append(facts | row)
                share = {"first": 0.8 * weight[k], "total": weight[k], "first_half": 0.04, "total_half": 0.05}
                indices.append(facts | {"parameter": name, **share})
    runs = {"stage": ["trajectory"] * 30, "economy": [k // 3 for k in range(30)], "failed": [k == 4 for k in range(30)]}
    tables = {"screening": screening, "indices": indices, "outcomes": about, "runs": runs}
    return {name: pl.DataFrame(rows) for name, rows in tables.items()}


def learning(scenarios: tuple[str, ...] = ("pilot_ban",)) -> dict[str, pl.DataFrame]:
    """Make values of measurements that tell much, little and nothing, one of which the runs do not resolve."""
    telling = {"expectation_question": 0.2, "channel_log": 0.35, "panel": 0.7, "payroll": 0.0, "trial": math.nan}
    rows = []
    for scenario in scenarios:
        for outcome in ("share_burnt_out", "exhaustion", "output_per_hour", "employer_cost"):
            _, unit, _, _, spread, _ = OUTCOMES[outcome]
            for name, exact in telling.items():
                for size in (200, 1000, 5000):
                    share = exact * size / (size + 300)
                    rows.append({
                        "scenario": scenario, "outcome": outcome, "unit": unit, "measurement": name,
                        "title": f"the {name.replace('_', ' ')}", "title_zh": "一项测量", "size": size, "draws": 200,
                        "share": share, "half": 0.1, "share_exact": exact, "regret_now": 0.4 * spread,
                        "regret_most": 0.6 * spread,
                        "removed_per_10000_yuan": 0.0 if outcome == "share_burnt_out" else spread * share / size,
                    })  # fmt: skip
    return {"learning": pl.DataFrame(rows)}


def regions(scenarios: tuple[str, ...] = ("pilot_ban", "quiet_hours")) -> dict[str, pl.DataFrame]:
    """Make maps of effects whose sign turns across them, never turns, or that are zero everywhere."""
    named = {
        "default_risk": (0.0, 0.7, "linear"),
        "wait_minutes": (30.0, 1440.0, "log"),
        "evade": (0.02, 0.7, "linear"),
    }
    cases = {"exhaustion": 0.0, "share_burnt_out": -1.0, "output_per_hour": 0.4, "recorded_overtime": math.nan}
    side = np.linspace(0.0, 1.0, 9)
    regions, turns, maps = [], [], []
    for scenario in scenarios:
        for outcome, shift in cases.items():
            _, unit, better, _, size, half = OUTCOMES[outcome]
            key = {"scenario": scenario, "outcome": outcome, "unit": unit, "better": better}
            flat, one_sided = math.isnan(shift), shift == -1.0
            share = 0.0 if flat or one_sided else 0.4
            verdict = "neither" if flat else "lowers" if one_sided else "both"
            for over in ("range", "prior", "posterior"):
                regions.append(key | {
                    "over": over, "points": 900.0, "raises": share, "raises_low": 0.8 * share,
                    "raises_high": 1.2 * share,
                    "surely_raises": 0.5 * share, "surely_lowers": 0.0 if flat else 0.9 - share,
                })  # fmt: skip
            turns.append(key | {
                "points": 256, "higher_at_points": share, "verdict": verdict, "turns": share > 0, "of_sign": 2 * share,
                "across": "default_risk", "up": "wait_minutes", "at_table": -size, "at_table_low": -size - half,
                "at_table_high": half - size,
                "raises_at_table": share, "explained": 0.8, "beyond": 0.1,
            })  # fmt: skip
            for y in side:
                for x in side:
                    effect = 0.0 if flat else size * (x + y - 1.0 + shift) - size * one_sided
                    maps.append({
                        "scenario": scenario, "outcome": outcome, "x": 0.7 * x, "y": 30.0 * 48.0**y, "effect": effect,
                        "raises": 0.5 if flat else float(1 / (1 + np.exp(-8 * effect / size))),
                    })  # fmt: skip
    axes = [
        {"column": name, "name": name, "unit": ROWS[name].unit, "label": "", "label_zh": "", "scale": about[2],
         "low": about[0], "high": about[1], "table": ROWS[name].value, "has_prior": name == "evade",
         "in_posterior": name == "evade", "meaning": ROWS[name].meaning}
        for name, about in named.items()
    ]  # fmt: skip
    rng = np.random.default_rng(3)
    draws = {name: low + (high - low) * rng.random(40) for name, (low, high, _) in named.items()}
    weights = [
        {"scenario": scenario, "outcome": outcome, "column": name, "of_effect": 0.3 / (k + 1), "of_sign": 0.2,
         "correlation": 0.5 - k}
        for scenario in scenarios for outcome in cases for k, name in enumerate(named)
    ]  # fmt: skip
    tables = {"regions": regions, "turns": turns, "weights": weights, "maps": maps, "axes": axes}
    return {name: pl.DataFrame(rows) for name, rows in tables.items()} | {"draws": pl.DataFrame(draws)}


def search(readings: tuple[str, ...] = ("surveyed", "report")) -> dict[str, pl.DataFrame]:
    """Make a front of rules, one of which has a condition, one none, and one that never fails."""
    rng = np.random.default_rng(21)
    demands = {"exhaustion": 0.0, "output_per_hour": -0.4, "employer_cost": 1800.0, "recorded_overtime": 0.0}
    rules, front, trades, checks = "ABCDEF", [], [], []
    for reading in readings:
        for place, rule in enumerate([*rules, "none"]):
            levers = (None, None) if rule == "none" else (18.0 + 0.83 * place, round(0.19 * place, 2))
            front.append({
                "reading": reading, "rule": rule, "quiet_hours.from_hour": levers[0],
                "quiet_hours.technical": levers[1], "on_front": place % 3 > 0, "undominated": 1 - place / 8,
                "satisfying": place / 6, "regret": 0.2 + place / 9,
            })  # fmt: skip
            for name, worst in demands.items():
                _, unit, better, level, size, half = OUTCOMES[name]
                effect = -size * (place / 5 if better == "lower" else 1 - place / 5) + 0.1 * size * rng.normal()
                if rule != "none":
                    trades.append({
                        "reading": reading, "outcome": name, "unit": unit, "better": better, "level": level,
                        "rule": rule, "effect": effect, "low": effect - half, "high": effect + half, "worst": worst,
                        "meets": 0.8, "regret": half, "regret_high": 2 * half, "simulations": 8, "fresh": effect,
                        "fresh_low": effect - half, "fresh_high": effect + half, "expected": effect,
                        "inside": place != 2,
                    })  # fmt: skip
        checks += [
            {"reading": reading, "outcome": name, "unit": OUTCOMES[name][1], "better": OUTCOMES[name][2],
             "parameters": "evade", "kind": kind, "moved": name != "employer_cost", "points": 48, "error": 0.1,
             "explained": 0.6, "inside_50": 0.5, "inside_95": 0.94}
            for name in demands for kind in ("left_out", "fresh")
        ]  # fmt: skip
    by = (("satisfying", "F"), ("regret", "A"))
    chosen = [(reading, *each) for reading in readings for each in by]
    chosen += [("all", "satisfying", "F"), ("all", "regret", "none")]
    choices = [
        {"reading": reading, "criterion": criterion, "rule": rule, "satisfying": 0.7, "regret": 0.3, "undominated": 0.9}
        for reading, criterion, rule in chosen
    ]
    box = {"coverage": 0.8, "density": 0.7, "elsewhere": 0.1, "share": 0.3, "fresh_inside": 3, "failed_inside": 2,
           "fresh_outside": 5, "failed_outside": 1, "draws": 60}  # fmt: skip
    conditions, failing = [], []
    for reading in readings:
        x, y = rng.random(60), 1440.0 * rng.random(60)
        mine = {"reading": reading, "rule": "F", "fails": 0.3}
        conditions += [
            mine | {"parameter": "evade", "low": 0.4, "high": None} | box,
            mine | {"parameter": "wait_minutes", "low": 60.0, "high": 700.0} | box,
            mine | {"rule": "A", "fails": 0.3 if reading == "report" else 0.99} | box | dict.fromkeys(
                ("parameter", "low", "high", "coverage", "density", "elsewhere", "share")),
        ]  # fmt: skip
        for rule in "FA":
            chance = ((x > 0.4) * (y > 60.0) * (y < 700.0) + 0.05) / 1.1 if rule == "F" else np.full(60, 0.3)
            failing.append(
                pl.DataFrame({"reading": reading, "rule": rule, "chance": chance, "evade": x, "wait_minutes": y})
            )
    tables = {"front": front, "trade_offs": trades, "choices": choices, "conditions": conditions, "checks": checks}
    return {name: pl.DataFrame(rows) for name, rows in tables.items()} | {"failing": pl.concat(failing)}


def search_about() -> dict[str, Any]:
    """Make the manifest of a search."""
    levers = (("quiet_hours.from_hour", 18.0, 23.0, 20.0), ("quiet_hours.technical", 0.0, 1.0, 0.0))
    demands = (("exhaustion", 0.0, False), ("output_per_hour", -0.01, True), ("employer_cost", 1800.0, False),
               ("recorded_overtime", 0.0, False))  # fmt: skip
    return overview(("quiet_hours",), "search") | {
        "readings": [{"name": name, "draws": 1_000} for name in ("surveyed", "report")],
        "people": 160, "points": 64, "confirm": 8,
        "levers": [dict(zip(("name", "low", "high", "now"), row, strict=True)) for row in levers],
        "demands": [dict(zip(("outcome", "worst", "relative"), row, strict=True)) for row in demands],
    }  # fmt: skip


def scorecard(scenario: str = "pilot_ban") -> dict[str, pl.DataFrame]:
    """Make a scorecard with all verdicts and cells of which the model says nothing."""
    rows: list[dict[str, Any]] = []

    def add(
        dimension: str, cell: str, outcome: str | None, values: tuple[float, ...], verdict: str, reason: str
    ) -> None:
        """Add a cell."""
        unit = OUTCOMES[outcome][1] if outcome in OUTCOMES else None
        keys = ("baseline", "difference", "low", "high")
        row = {
            "scenario": scenario,
            "window": "weeks 34–77: rules fully in force",
            "firms": 74,
            "dimension": dimension,
            "cell": cell,
            "claim_of_report": f"claim on {cell}",
            "outcome": outcome,
        }
        row |= {"unit": unit} | dict(zip(keys, values or (None,) * 4, strict=True))
        rows.append(row | {"verdict": verdict, "reason": reason})

    add(
        "intergenerational_fairness",
        "health of the young",
        "share_burnt_out",
        (0.42, -0.03, -0.05, -0.01),
        "better",
        "",
    )
    add("intergenerational_fairness", "births and family formation", None, (), "not said", "no births in the model")
    add("social_justice", "unpaid work", "latent_overtime", (6.4, -1.2, -1.9, -0.6), "better", "")
    add("social_justice", "small firms bear the cost", "employer_cost", (182e3, 910.0, 240.0, 1580.0), "worse", "")
    add("environment", "energy of servers and phones", None, (), "not said", "coefficients are for the user to supply")
    add("thrift", "output of a paid hour", "output_per_paid_hour", (46.0, -0.3, -0.9, 0.3), "unclear", "")
    add("thrift", "tools", "waiting", (8.2, 0.0, 0.0, 0.0), "no difference", "")
    add("thrift", "time in messages", "message_minutes", (121.0, -19.0, -26.0, -11.0), "better", "")
    add("harmony", "work and family", "conflict", (0.44, -0.02, -0.03, -0.01), "better", "")
    add("harmony", "tone between colleagues", None, (), "not said", "messages have no tone in the model")
    return {"scorecard": pl.DataFrame(rows, infer_schema_length=None)}


def log(model: bool = True) -> dict[str, pl.DataFrame]:
    """Make what was measured on a log, of which no bursts are known, and on the model."""
    rng = np.random.default_rng(4)
    rising = {"rates": 49, "ties": 49, "bursts": 49, "concentration": 101}
    sizes = {"hours": 168, "replies": len(EDGES) - 1, "load": LOADS, "threads": LONGEST} | rising
    sides = ("log", "model") if model else ("log",)
    shapes = [
        (side, shape, place, math.nan if shape == "bursts" and side == "log" else value)
        for side in sides
        for shape, size in sizes.items()
        for place, value in enumerate(np.sort(rng.random(size)) if shape in rising else rng.random(size))
    ]
    seen = [
        (side, name, each.unit, 0.4, 0.3, 0.5, 60, "", each.use) for side in sides for name, each in QUANTITIES.items()
    ]
    columns = ("side", "quantity", "unit", "value", "low", "high", "people", "missing", "role")
    return {
        "observed": pl.DataFrame(seen, columns, orient="row"),
        "shapes": pl.DataFrame(shapes, ("side", "shape", "place", "value"), orient="row"),
    }


def of_log(model: bool = True) -> dict[str, Any]:
    """Make the manifest of a log whose clock is in doubt."""
    size = {"people": 60, "weeks": 4, "seed": 1} if model else {}
    doubts = {"partial": False, "clock": "nothing is sent from Monday to Friday", "summer": None}
    return {"kind": "log", "log": {"name": "log.csv", "used": 4_000, "people": 60}, "doubts": doubts, "model": size}
