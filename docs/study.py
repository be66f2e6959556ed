"""The page on the study of all rules, written from small tables that lie in ``docs/study`` with their checksums.

Whether a sentence says that a rule helps, harms or does neither is decided by the tables: ``SURE`` is the chance of a
sign from which on it is said, and under all readings means in each of them.
"""

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import polars.selectors as cs

from docs import claims
from sim.comparing.basis import FULLY
from sim.comparing.robustness import combined_readings
from sim.core.parameters import ROWS
from sim.evidence.tensions import load_claims
from sim.figures.style import styled
from sim.figures.words import label, window_words
from sim.files.shipped import CALIBRATION
from sim.files.storage import read_json
from sim.model import drawn_firms
from sim.outcomes import BY_NAME, written
from sim.report import plots
from sim.report.numbers import full_name
from sim.runs.results import Results
from sim.scenario import loading
from sim.scenario.loading import GROUPS
from sim.scenario.parameter_draws import read_draws
from sim.scenario.releases import versions
from sim.stats.ranks import whole_percent
from sim.stats.variance import excludes_zero

PLACE = Path(__file__).resolve().parent / "study"
IMAGES = Path(__file__).resolve().parent / "images"
SUMS = "SHA256SUMS"
ABOUT = "about.json"
RULES, WORLDS, SUBSTITUTES, PLAN, INSTEAD = "rules", "worlds", "substitutes", "plan", "instead"  # of the design
SURE, BEST = 0.90, 0.95  # chance of a sign, and of being the best, from which on it is said
FEW = 3  # rules looked at closely
LISTED = 10  # rules in the table of ranks
DOTS = 110  # an inch
FIGURES = ("forest", "frontier", "regret")
COLUMNS = ("share_burnt_out", "exhaustion", "latent_overtime", "output_per_hour", "waiting", "employer_cost")
RANKED = ("share_burnt_out", "exhaustion", "latent_overtime", "output_per_hour", "employer_cost")
PLANNED = ("share_burnt_out", "exhaustion", "latent_overtime", "output_per_hour", "employer_cost", "public_cost")
BY_GROUP = ("exhaustion", "latent_overtime")
KEPT = {  # tables, and their columns
    "effects": (
        "comparison", "reading", "scenario", "outcome", "unit", "better", "firms", "people", "baseline", "difference",
        "low", "high", "mean", "mean_low", "mean_high", "share_lower", "share_higher",
    ),
    "groups": (
        "reading", "scenario", "group_kind", "group", "outcome", "unit", "people", "difference", "low", "high",
        "share_lower", "share_higher",
    ),
    "ranking": (
        "comparison", "reading", "outcome", "unit", "scenario", "mean", "probability_best", "expected_rank", "regret",
        "firms", "window",
    ),
    "phases": (
        "scenario", "phase", "outcome", "unit", "firms", "people", "window", "baseline", "difference", "low", "high",
        "share_lower", "share_higher",
    ),
    "drivers": (
        "comparison", "scenario", "outcome", "parameter", "draws", "correlation", "limit", "low_third", "high_third",
        "lower_in_low", "lower_in_high",
    ),
}  # fmt: skip
OPENING = """# The answer: all rules in one study

[中文](zh/study.md)

Which rules for messages at work help, whom, at what price, and how sure is that? `make study` compares every rule with
today's rules, for the same people. `python -m docs.generate` writes this page from the tables in `docs/study/`, which
contain every number shown here.
"""
EARLIER = """**These are results of version {version}.** Its sets are called `{first}@{version}` and so on; the model
and the fits have moved since (see the changelog)."""
UNKNOWN = "The study has not been run with this version of the model, so there are no tables and no results here."
NOTES = """## How to read it

- **Effect**: the difference from today's rules for the same people under `{first}`. It counts the firms that the rule
  reaches, in the weeks in which the rule is fully in force.
- **Interval**: the 95 % interval, in brackets. It contains 95 % of what other firms and other parameters of the set
  would give ([Reading results](reading-results.md)).
- **Bold**, and "surely" in the text: the sign of the effect has a chance of at least {sure} % under each reading of the
  evidence.
- **Asterisk**: the sign has that chance under some readings, but not under all.
- **No mark**: the sign is open: it differs between draws, and more draws do not change that. The mean over draws may
  be clear all the same. The columns `mean`, `mean_low` and `mean_high` of `effects.csv` have it with its 95 % interval.
- **Draws**: a rule that reaches only some firms is tried in the draws that have such firms. Their number stands beside
  the firms if it is below {draws}. Where each draw has one firm, chance cannot be told from parameters and counts as
  both, so intervals are rather too wide. A run of one such rule tries it on more firms: the [worked
  example](reading-results.md#a-worked-example) does so for `pilot_ban`.

The chance belongs to each effect by itself. It is not corrected for the number of rules and outcomes.

The *readings of the evidence* are sets of parameters: what surveys say (`surveyed`), what the report says (`report`),
and what the audit left of the report (`audited`); see [Calibration](calibration.md). Neither the readings nor an
interval cover what the model leaves out ([Limits](limits.md)).
"""

type Row = Mapping[str, Any]


class Kept(NamedTuple):
    """The tables of the page, and the facts on the study."""

    tables: Mapping[str, pl.DataFrame]
    about: Mapping[str, Any]

    def comparison(self, name: str) -> Mapping[str, Any]:
        """Facts on one comparison."""
        found: Mapping[str, Any] = self.about["comparisons"][name]
        return found

    @property
    def readings(self) -> list[str]:
        """Parameter sets of the rules, the first one is quoted."""
        return list(self.comparison(RULES)["readings"])

    @property
    def rules(self) -> list[str]:
        """Scenarios that are a choice: not those of the group of worlds to compare with."""
        about = self.comparison(RULES)
        return [name for name in about["scenarios"] if about["groups"][name] != "reference"]

    def effect(self, scenario: str, outcome: str, comparison: str = RULES, reading: str = "") -> Row:
        """One effect, by default under the first reading."""
        rows = self.tables["effects"].filter(
            comparison=comparison, scenario=scenario, outcome=outcome, reading=reading or self.readings[0]
        )
        return rows.row(0, named=True)

    def signs(self, scenario: str, outcome: str, comparison: str = RULES) -> list[str]:
        """The sign of an effect under each reading."""
        rows = self.tables["effects"].filter(comparison=comparison, scenario=scenario, outcome=outcome)
        return [sign(row) for row in rows.iter_rows(named=True)]

    def agreed_sign(self, scenario: str, outcome: str, comparison: str = RULES) -> str:
        """The sign that an effect has under all readings; empty where they do not agree, or one is not sure."""
        signs = self.signs(scenario, outcome, comparison)
        return signs[0] if len(set(signs)) == 1 else ""

    def excludes_zero(self, scenario: str, outcome: str) -> bool:
        """Whether the interval of an effect excludes zero under each reading."""
        rows = self.tables["effects"].filter(comparison=RULES, scenario=scenario, outcome=outcome)
        return all(excludes_zero(row) for row in rows.iter_rows(named=True))

    def lowest_first(self, outcome: str, names: Iterable[str]) -> list[str]:
        """Scenarios in the order of an effect, the best first."""
        turn = -1 if BY_NAME[outcome].better == "higher" else 1
        return sorted(names, key=lambda name: turn * (self.effect(name, outcome)["difference"] or 0.0))


def sign(row: Row) -> str:
    """Return ``lower``, ``higher`` or ``zero``, empty where no sign has a chance of ``SURE``."""
    if row["difference"] == row["low"] == row["high"] == 0:
        return "zero"
    if (row["share_lower"] or 0) >= SURE:
        return "lower"
    return "higher" if (row["share_higher"] or 0) >= SURE else ""


# --- keeping ----------------------------------------------------------------------------------------------------------


def keep(results: Results, place: Path = PLACE, images: Path = IMAGES) -> None:
    """Store the tables of the page with their checksums, and draw its figures, from a folder of ``offhours study``."""
    place.mkdir(exist_ok=True)
    first = next(iter(results.manifest["comparisons"][RULES]["readings"]))
    for name, columns in KEPT.items():
        table = results.tables.get(name, pl.DataFrame(schema=dict.fromkeys(("comparison", *columns), pl.String)))
        if name == "groups":
            table = table.filter(pl.col("reading") == first, pl.col("comparison") == RULES)
            table = table.filter(pl.col("outcome").is_in(BY_GROUP))
        if name in ("phases", "drivers"):
            table = table.filter(pl.col("comparison") == (PLAN if name == "phases" else RULES))
        if name == "ranking":
            table = table.filter(pl.col("outcome").is_in(RANKED))
        if name == "drivers":
            table = table.filter(pl.col("outcome").is_in(COLUMNS))
        table.select(columns).with_columns(cs.float().round_sig_figs(4)).write_csv(place / f"{name}.csv")
    manifest = results.manifest
    about = {"design": manifest["design"], "comparisons": manifest["comparisons"]}
    (place / ABOUT).write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    names = sorted([ABOUT, *(f"{name}.csv" for name in KEPT)])
    sums = (f"{hashlib.sha256((place / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (place / SUMS).write_text("".join(sums), encoding="utf-8")
    for name, figure in _figures(results, first):
        with styled():
            figure.savefig(images / f"study_{name}.png", dpi=DOTS, metadata={"Software": None}, facecolor="white")


def _figures(results: Results, first: str) -> Iterator[tuple[str, Any]]:
    """Draw the figures of all rules under the first reading, and of the readings side by side."""
    mine = {
        name: table.filter(comparison=RULES).drop("comparison")
        for name, table in results.tables.items()
        if name in ("effects", "ranking", "conclusions")
    }
    parts = mine["effects"].partition_by("reading", as_dict=True, maintain_order=True, include_key=False)
    mine["readings"] = combined_readings({str(name): {"effects": part} for (name,), part in parts.items()})["readings"]
    about = results.manifest["comparisons"][RULES]
    drawn = {"name": first, "draws": about["readings"][first]["draws"]}
    alone = {name: table.filter(reading=first) for name, table in mine.items() if "reading" in table.columns}
    one = {**about, "kind": "comparison", "uncertainty": drawn}
    several = {**about, "kind": "readings", "uncertainty": drawn}
    for tables, manifest, names in ((alone, one, FIGURES), (mine, several, ("readings",))):
        for each in plots.planned(tables, manifest, chosen=()):
            if each.name in names:
                with styled():
                    yield each.name, each.draw(each.tables, each.about)


def load(place: Path = PLACE) -> Kept | None:
    """Read the tables of the page; None if the study has not been run."""
    if not (place / ABOUT).is_file():
        return None
    tables = {name: pl.read_csv(place / f"{name}.csv", infer_schema_length=None) for name in KEPT}
    return Kept(tables, json.loads((place / ABOUT).read_text(encoding="utf-8")))


# --- words ------------------------------------------------------------------------------------------------------------


def rule(name: str) -> str:
    """Write the name of a rule."""
    return f"`{name}`"


def listed(names: Sequence[str]) -> str:
    """Join names as in "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "none"


def percent(share: float) -> str:
    """Write a chance in whole per cent."""
    return f"{whole_percent(share)} %"


def with_unit(value: float, unit: str) -> str:
    """Write a difference with its unit."""
    text = written(value, unit, signed=True)
    return text if unit in ("share", "") else f"{text} {unit}"


def change(row: Row, between: str = " (", end: str = ")") -> str:
    """Write an effect with its interval."""
    if row["difference"] is None:
        return "–"
    low, high = (None if row[end] is None else written(row[end], row["unit"], signed=True) for end in ("low", "high"))
    return with_unit(row["difference"], row["unit"]) + (f"{between}{low} to {high}{end}" if low and high else "")


def cell(row: Row, holds: bool, somewhere: bool) -> str:
    """Write an effect in a table: bold where it holds under all readings, starred where under some."""
    if row["difference"] is None:
        return "–"
    if sign(row) == "zero":
        return "0"
    value = written(row["difference"], row["unit"], signed=True)
    low, high = (written(row[end], row["unit"], signed=True) for end in ("low", "high"))
    value = f"**{value}**" if holds else f"{value}\\*" if somewhere else value
    return value if row["low"] is None else f"{value} ({low} to {high})"


def marked(kept: Kept, name: str, outcome: str, comparison: str = RULES) -> str:
    """Write an effect in a table with the mark that it has over the readings."""
    some = any(each not in ("", "zero") for each in kept.signs(name, outcome, comparison))
    return cell(kept.effect(name, outcome, comparison), bool(kept.agreed_sign(name, outcome, comparison)), some)


def head(outcome: str, unit: str = "") -> str:
    """Write the head of a column."""
    unit = unit or BY_NAME[outcome].unit
    return full_name(outcome) + ("" if unit == "share" else f", {unit}")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows))


# --- the answer -------------------------------------------------------------------------------------------------------


def answer(kept: Kept) -> str:
    """Write the answer in five sentences, each no stronger than the tables."""
    names = kept.rules
    sentences = (
        _moves(kept, names, "share_burnt_out", "the share of people who are burnt out"),
        _moves(kept, names, "latent_overtime", "latent overtime, which is on no record,"),
        _price(kept, names),
        _choice(kept),
        _against_plan(kept),
    )
    numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(sentences, 1))
    text = (
        f"Brackets show the effect and its 95 % interval under `{kept.readings[0]}`, against today's rules; pp is "
        f"short for percentage points.\n\n{numbered}\n\nA rise or a fall is stated where its sign has a chance of at "
        f"least {percent(SURE)}, given the model."
    )
    if found := helpful(kept):
        text += " A 95 % interval is a stricter criterion: it excludes zero under every reading for "
        text += f"{len(clear(kept))} of the {len(found)} rules that lower burnout."
    return text


def _moves(kept: Kept, names: Sequence[str], outcome: str, words: str) -> str:
    """Write which rules lower an outcome under all readings, and which raise it."""
    order = kept.lowest_first(outcome, names)
    lower = [name for name in order if kept.agreed_sign(name, outcome) == "lower"]
    higher = [name for name in reversed(order) if kept.agreed_sign(name, outcome) == "higher"]
    if lower:
        most = [f"{rule(name)} ({change(kept.effect(name, outcome), ', ', '')})" for name in lower[:FEW]]
        most_of_all = f". The largest reductions come from {listed(most)}" if len(lower) > 1 else f": {most[0]}"
        text = f"{len(lower)} of the {len(names)} rules {'lower' if len(lower) > 1 else 'lowers'} {words} under every "
        text += f"reading of the evidence{most_of_all}"
    else:
        surest = max(names, key=lambda name: _least_chance(kept, name, outcome))
        chance = percent(_least_chance(kept, surest, outcome))
        text = f"None of the {len(names)} rules surely lowers {words} under every reading of the evidence. The surest "
        text += f"is {rule(surest)}; its smallest chance over the readings is {chance}"
    if higher:
        more = [f"{len(higher) - FEW} more"] if len(higher) > FEW else []
        text += f". {listed([*map(rule, higher[:FEW]), *more])} raise{'s' * (len(higher) == 1)} it under every reading"
    return f"{text}."


def _least_chance(kept: Kept, name: str, outcome: str) -> float:
    """Return the smallest chance, over the readings, that a rule lowers an outcome."""
    rows = kept.tables["effects"].filter(comparison=RULES, scenario=name, outcome=outcome)
    return float(rows["share_lower"].fill_null(0.0).min())  # type: ignore[arg-type]


def clear(kept: Kept) -> list[str]:
    """List the rules that lower burnout under all readings and whose intervals all exclude zero."""
    return [name for name in helpful(kept) if kept.excludes_zero(name, "share_burnt_out")]


def helpful(kept: Kept) -> list[str]:
    """List the rules that lower burnout under all readings, those that lower it most first."""
    order = kept.lowest_first("share_burnt_out", kept.rules)
    return [name for name in order if kept.agreed_sign(name, "share_burnt_out") == "lower"]


def _price(kept: Kept, names: Sequence[str]) -> str:
    """Write what the rules that lower burnout do to output and to what employers pay."""
    chosen = helpful(kept)
    who = f"Among the rules that lower burnout ({len(chosen)})" if chosen else "Among all rules"
    counts = {
        (outcome, way): [name for name in chosen or names if kept.agreed_sign(name, outcome) == way]
        for outcome in ("output", "output_per_hour", "employer_cost")
        for way in ("lower", "higher")
    }

    def said(outcome: str, way: str) -> str:
        found = counts[outcome, way]
        return f"{len(found)} ({listed([rule(name) for name in found])})" if 0 < len(found) <= FEW else f"{len(found)}"

    return (
        f"{who}, total output rises under every reading with {said('output', 'higher')} and falls with "
        f"{said('output', 'lower')}. Output per hour worked, which also rises when unproductive hours end, rises with "
        f"{said('output_per_hour', 'higher')} and falls with {said('output_per_hour', 'lower')}. Employers' costs rise "
        f"under every reading with {said('employer_cost', 'higher')} and fall with {said('employer_cost', 'lower')}. "
        f"For the others the sign is open{_or_zero(kept, chosen or names)}."
    )


def untouched(kept: Kept, names: Iterable[str]) -> bool:
    """Return whether some rule leaves output per hour or the employers' cost exactly as they are."""
    return any(
        kept.agreed_sign(name, each) == "zero" for name in names for each in ("output_per_hour", "employer_cost")
    )


def _or_zero(kept: Kept, names: Iterable[str]) -> str:
    """Add that some effects are exactly zero, if they are."""
    return ", or the effect is exactly zero" if untouched(kept, names) else ""


def worst_regret(kept: Kept, outcome: str) -> list[tuple[str, float, str]]:
    """List rules with the largest of their mean regrets over the readings, and where it is; the smallest first."""
    rows = kept.tables["ranking"].filter(pl.col("regret").is_not_null(), comparison=RULES, outcome=outcome)
    worst = rows.sort("regret", descending=True).group_by("scenario", maintain_order=True).first().sort("regret")
    return list(worst.select("scenario", "regret", "reading").iter_rows())


def chances(kept: Kept, name: str, outcome: str) -> list[float]:
    """Return the chances of a rule to be the best, one for each reading."""
    rows = kept.tables["ranking"].filter(comparison=RULES, outcome=outcome, scenario=name)
    return rows["probability_best"].fill_null(0.0).to_list()


def _span(values: Sequence[float]) -> str:
    """Write the smallest and the largest of some chances."""
    low, high = percent(min(values)), percent(max(values))
    return low if low == high else f"{low.removesuffix(' %')} to {high}"


def _choice(kept: Kept) -> str:
    """Write which rule is the safest choice for burnout over the readings, and whether any is surely the best."""
    order = worst_regret(kept, "share_burnt_out")
    if not order:
        return "No choice can be named: the ranking has no chances."
    name, regret, reading = order[0]
    odds = chances(kept, name, "share_burnt_out")
    text = f"The safest choice for burnout is {_called(name)}: its largest regret over the readings is smaller than "
    text += "that of any other choice. Regret is how much worse a rule is, on average, than the best rule. It is over "
    text += (
        f"{ranked_firms(kept)} firms, and [less is known of its size](comparing.md#how-the-ranking-is-computed). The "
    )
    text += f"largest regret of {_called(name)} is {_regret(regret)} (`{reading}`)"
    text += f"; next is {_called(order[1][0])} with {_regret(order[1][1])}" if order[1:] else ""
    text += f". The chance that {_being(name)} the best rule is {_span(odds)} over the readings"
    if min(odds) >= BEST:
        return f"{text}, so it is surely the best."
    return f"{text}, so it is {'not ' if max(odds) < BEST else 'not under every reading '}surely the best."


def ranked_firms(kept: Kept) -> int:
    """Return the number of firms over which rules are ranked by burnout."""
    return int(kept.tables["ranking"].filter(comparison=RULES, outcome="share_burnt_out")["firms"][0])


def _regret(value: float, unit: str = "share") -> str:
    """Write a regret, which has no sign."""
    return written(value, unit, signed=True).removeprefix("+")


def _called(name: str) -> str:
    """Write a rule, or today's."""
    return "today's rules" if name == "status_quo" else rule(name)


def _being(name: str) -> str:
    """Write a rule with its verb, or today's."""
    return f"{_called(name)} {'are' if name == 'status_quo' else 'is'}"


def _against_plan(kept: Kept) -> str:
    """Write what the plan does over all its years, and which cheaper rules do as much for less."""
    plan = plan_of(kept)
    effect = kept.effect(plan, "share_burnt_out", PLAN)
    verb = {"lower": "lowers", "higher": "raises", "zero": "does not change"}.get(
        sign(effect), "does not surely change"
    )
    better, alike, worse = beside_the_plan(kept)
    first = next(iter(kept.comparison(INSTEAD)["readings"]))
    text = f"The report's plan in phases (`{plan}`) {verb} burnout over its years, under `{first}` "
    text += f"({change(effect, ', ', '')})"
    names = kept.comparison(INSTEAD)["scenarios"]
    cheaper = [name for name in (*better, *alike) if sign(kept.effect(name, "employer_cost", INSTEAD)) == "lower"]
    if cheaper:
        means = "; ".join(f"{rule(name)} {_mean(kept, name)}" for name in cheaper)
        return (
            f"{text}. Of {len(names)} rules that could replace it, {listed([rule(name) for name in cheaper])} surely "
            f"{'costs' if len(cheaper) == 1 else 'cost'} employers less, and burnout is not surely higher in a draw "
            f"(mean over draws, with its interval: {means})."
        )
    if len(worse) == len(names):
        return f"{text}. Burnout is surely higher under each of the {len(names)} rules that could replace it."
    return f"{text}. None of {len(names)} rules that could replace it is surely cheaper without surely more burnout."


def mean_of(row: Row) -> Row:
    """Return an effect with its mean over draws, and the interval of the mean, in place of those of a draw."""
    return {**row, "difference": row["mean"], "low": row["mean_low"], "high": row["mean_high"]}


def _mean(kept: Kept, name: str) -> str:
    """Write the mean difference in burnout between a rule and the plan."""
    return change(mean_of(kept.effect(name, "share_burnt_out", INSTEAD)), ", ", "")


def plan_of(kept: Kept) -> str:
    """Return the name of the plan."""
    return str(kept.comparison(INSTEAD)["counterfactual"])


def beside_the_plan(kept: Kept) -> tuple[list[str], list[str], list[str]]:
    """Divide the rules in place of the plan: burnout surely lower, not to be told apart, surely higher."""
    found: dict[str, list[str]] = {"lower": [], "": [], "higher": []}
    for name in kept.comparison(INSTEAD)["scenarios"]:
        found[sign(kept.effect(name, "share_burnt_out", INSTEAD)).replace("zero", "")].append(name)
    return found["lower"], found[""], found["higher"]


# --- sections ---------------------------------------------------------------------------------------------------------


def draws_reached(about: Mapping[str, Any], row: Row) -> int:
    """Count the draws in which a rule reaches a firm; 0 if the firms of the tables cannot be drawn anew."""
    if row["scenario"] not in loading.names():
        return 0
    run = {"people": about["people"], "replicates": about["replicates"], "seed": about["seed"]}
    one = loading.changed(loading.load(row["scenario"]), years=about["weeks"] / 52, **run)
    firms = drawn_firms(one, range(about["replicates"])).filter("in_scope")
    same = (firms.height, firms["size"].sum()) == (row["firms"], row["people"])
    return firms["replicate"].n_unique() if same else 0


def by_family(kept: Kept) -> Iterator[str]:
    """Write the table of effects of each family of rules, and of the worlds that are no choice."""
    yield "## Effects by family"
    yield "![Effects of all rules on burnout, overtime, output and cost](images/study_forest.png)"
    for group, (title, _) in GROUPS.items():
        comparison = WORLDS if group == "reference" and WORLDS in kept.about["comparisons"] else RULES
        about = kept.comparison(comparison)
        names = [name for name in about["scenarios"] if about["groups"][name] == group]
        if not names:
            continue
        rows = []
        for name in kept_order(kept, names, comparison):
            first = kept.effect(name, COLUMNS[0], comparison)
            cells = (marked(kept, name, outcome, comparison) for outcome in COLUMNS)
            size = f"{first['people']:,} in {first['firms']:,}"
            draws = draws_reached(about, first)
            rows.append((rule(name), f"{size}, {draws} draws" if 0 < draws < about["replicates"] else size, *cells))
        yield f"### {title}"
        yield table(("rule", "people in firms", *map(head, COLUMNS)), rows)


def kept_order(kept: Kept, names: Sequence[str], comparison: str) -> list[str]:
    """Order scenarios by their effect on burnout."""
    return sorted(names, key=lambda name: kept.effect(name, "share_burnt_out", comparison)["difference"] or 0.0)


def leaders(kept: Kept) -> list[str]:
    """List the rules that are looked at closely: those with the smallest worst regret in burnout, without today's."""
    order = [name for name, _, _ in worst_regret(kept, "share_burnt_out")]
    return [name for name in order if name in kept.rules][:FEW]


def for_whom(kept: Kept) -> Iterator[str]:
    """Write the effects of the leading rules by group, and for whom they are surely worse."""
    yield "## For whom"
    chosen = leaders(kept)
    yield (
        f"The table shows the {len(chosen)} rules with the smallest regret in burnout, under `{kept.readings[0]}` "
        "alone. "
        f'Here an asterisk, and "surely", mean a chance of at least {percent(SURE)} under this set. Groups overlap.'
    )
    groups = kept.tables["groups"].filter(pl.col("group") != "manager")  # the role, whose people are `managers`
    rows, worse = [], []
    there = groups.filter(pl.col("scenario").is_in(chosen), outcome=BY_GROUP[0]).group_by("group", maintain_order=True)
    for group, low, high in there.agg(low=pl.col("people").min(), high=pl.col("people").max()).iter_rows():
        people = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        cells = []
        for name in chosen:
            for outcome in BY_GROUP:
                found = groups.filter(scenario=name, outcome=outcome, group=group)
                row = found.row(0, named=True) if found.height else None
                cells.append(cell(row, False, sign(row) not in ("", "zero")) if row else "–")
                if row and sign(row) == "higher":
                    worse.append(f"{group.replace('_', ' ')} under {rule(name)} ({label('outcome', outcome)})")
        rows.append((group.replace("_", " "), people, *cells))
    heads = [f"{rule(name)}: {head(outcome)}" for name in chosen for outcome in BY_GROUP]
    yield table(("group", "people", *heads), rows)
    if worse:
        yield f"Surely worse off: {listed(worse)}."
    else:
        yield (
            f"No group is surely worse off in {' or '.join(label('outcome', name) for name in BY_GROUP)} under these "
            "rules."
        )


def costs(kept: Kept) -> Iterator[str]:
    """Write what the rules cost that lower burnout, and what a point of burnout costs."""
    yield "## Costs"
    yield "![Burnout against output and against what employers pay](images/study_frontier.png)"
    chosen = helpful(kept) or leaders(kept)
    why = "that lower burnout under every reading" if helpful(kept) else "with the smallest regret in burnout"
    yield (
        f"The table shows the rules {why}. Costs are in yuan per year and person reached, under `{kept.readings[0]}`. "
        "The last column divides employers' and public cost together by the percentage points by which burnout falls; "
        "a rule that costs less than nothing in all saves, and has no such price. "
        "It is filled where burnout is surely lower and the sign of the employers' cost has a chance of at least "
        f"{percent(SURE)} under this set. No amount includes output that is lost or gained."
    )
    rows = []
    for name in chosen:
        burnout, *paid = (kept.effect(name, each) for each in ("share_burnt_out", "employer_cost", "public_cost"))
        total = sum(each["difference"] or 0.0 for each in paid)
        points = -100 * (burnout["difference"] or 0.0)
        known = points > 0 and kept.agreed_sign(name, COLUMNS[0]) and sign(paid[0])
        ratio = ("saves" if total < 0 else f"{total / points:,.0f}") if known else "–"
        rows.append((rule(name), *(marked(kept, name, row["outcome"]) for row in paid), ratio))
    yield table(("rule", head("employer_cost"), head("public_cost"), "yuan a year per point of burnout"), rows)


def ranks(kept: Kept) -> Iterator[str]:
    """Write the ranking by burnout under each reading, and the best rule for other outcomes."""
    yield "## Which is best"
    yield "![Average regret of each rule by outcome](images/study_regret.png)"
    rows = kept.tables["ranking"].filter(comparison=RULES, outcome="share_burnt_out")
    if rows.is_empty():
        return
    some = rows.row(0, named=True)
    ground = kept.comparison(RULES)["ground"]
    where = f"firms that {rule(ground)} reaches" if ground else "firms that all rules reach"
    yield (
        f"The ranking compares all rules, and today's rules, on the same {some['firms']:,} {where}, in {weeks(some)}. "
        "A rule that reaches only a part of these firms is ranked by what it changes over all of them. The table "
        "shows, for each reading, the chance of being the best rule and the average regret in burnout, for the "
        f"{min(LISTED, rows['scenario'].n_unique())} rules with the smallest regret in their least favourable reading."
    )
    if others := [name for name in kept.comparison(RULES)["scenarios"] if name not in kept.rules]:
        yield f"The ranking includes worlds that nobody can choose: {listed([rule(name) for name in others])}."
    cells = {(row["scenario"], row["reading"]): row for row in rows.iter_rows(named=True)}
    order = [name for name, _, _ in worst_regret(kept, "share_burnt_out")][:LISTED]
    lines = []
    for name in order:
        mine = (cells.get((name, reading)) for reading in kept.readings)
        lines.append((_called(name), *(_chance_and_regret(row) for row in mine)))
    yield table(("rule", *(f"`{reading}`: chance, regret" for reading in kept.readings)), lines)
    yield "\n".join(f"- **{full_name(outcome)}**: {_best_of(kept, outcome)}" for outcome in RANKED)


def weeks(row: Row) -> str:
    """Write the weeks of a ranking without the reason."""
    return str(row["window"]).partition(":")[0]


def lasting(row: Row) -> str:
    """Write the weeks of a phase, with the reason for these unless its rules are fully in force."""
    window = str(row["window"])
    return (weeks(row) if window.endswith(f": {FULLY}") else window_words(window)).removeprefix("weeks ")


def _chance_and_regret(row: Row | None) -> str:
    """Write the chance of being best and the regret."""
    if row is None or row["probability_best"] is None or row["regret"] is None:
        return "–"
    return f"{percent(row['probability_best'])}, {_regret(row['regret'], row['unit'])}"


def _best_of(kept: Kept, outcome: str) -> str:
    """Write which rule is the likeliest to be the best for an outcome under each reading."""
    rows = kept.tables["ranking"].filter(pl.col("probability_best").is_not_null(), comparison=RULES, outcome=outcome)
    tops = {}
    for reading in kept.readings:
        mine = rows.filter(reading=reading).sort("probability_best", descending=True)
        if mine.height:
            tops[reading] = mine.row(0, named=True)
    if not tops:
        return "no chances are known."
    names = {row["scenario"] for row in tops.values()}
    odds = [row["probability_best"] for row in tops.values()]
    if len(names) == 1 and min(odds) >= BEST:
        return f"{_being(names.pop())} the best under every reading (chance {_span(odds)})."
    if len(names) == 1:
        return f"{_being(names.pop())} most likely the best under every reading (chance {_span(odds)})."
    each = (f"`{name}` {_called(row['scenario'])} ({percent(row['probability_best'])})" for name, row in tops.items())
    return f"depends on the reading: {', '.join(each)}."


def holding(kept: Kept) -> Iterator[str]:
    """Write which signs hold under all readings, and which are opposite."""
    yield "## What holds under all readings"
    yield "![Effects under three readings of the evidence](images/study_readings.png)"
    outcomes = list(kept.about["design"]["outcomes"])
    rows, against, count, held, strict = [], [], 0, 0, 0
    for name in kept_order(kept, kept.rules, RULES):
        found: dict[str, list[str]] = {"lower": [], "higher": [], "zero": [], "": []}
        for outcome in outcomes:
            found[kept.agreed_sign(name, outcome)].append(label("outcome", outcome))
            if {"lower", "higher"} <= set(kept.signs(name, outcome)):
                against.append(f"{label('outcome', outcome)} under {rule(name)}")
        count += len(outcomes)
        held += len(found["lower"]) + len(found["higher"])
        sure = [each for each in outcomes if kept.agreed_sign(name, each) in ("lower", "higher")]
        strict += sum(kept.excludes_zero(name, each) for each in sure)
        rows.append((rule(name), ", ".join(found["lower"]) or "–", ", ".join(found["higher"]) or "–"))
    yield (
        f"{held} of {count} signs of effects have a chance of at least {percent(SURE)} under each of "
        f"{len(kept.readings)} readings. For {strict} of them the 95 % interval excludes zero under each reading; the "
        "figure shows these with filled marks. "
        + (
            f"The readings contradict each other in {listed(against)}."
            if against
            else "No two readings contradict each other."
        )
    )
    yield table(("rule", "surely lower", "surely higher"), rows)


def turning(kept: Kept) -> Iterator[str]:
    """Write which parameters the effects of the leading rules go with."""
    yield "## What would change the answer"
    chosen = leaders(kept)
    drivers = kept.tables["drivers"]
    lines = []
    for name in chosen:
        for outcome in ("share_burnt_out", "output_per_hour", "employer_cost"):
            rows = list(drivers.filter(scenario=name, outcome=outcome).iter_rows(named=True))
            clear = [row for row in rows if abs(row["correlation"]) > row["limit"]]
            start = f"- {rule(name)}, {label('outcome', outcome)}: "
            if clear:
                lines.append(start + "; ".join(_driver(row) for row in clear) + ".")
            elif rows:
                lines.append(
                    f"{start}no parameter is correlated with the effect beyond chance in {rows[0]['draws']} draws (the "
                    f"closest is `{rows[0]['parameter']}`)."
                )
    yield (
        "Over the draws of all readings, the effects of the leading rules are correlated with the parameters below. By "
        "chance alone, the closest of all parameters would be correlated as closely in one case of twenty. Brackets "
        "contain the rank correlation. The two effects are means over the third of the draws with the lowest, and the "
        "third with the highest, values of the parameter."
    )
    yield "\n".join(lines) or "There are too few draws to say anything."
    yield (
        "A parameter may represent others that were fitted together with it. A cut-off, for example, follows from "
        "everything that strains people today."
    )
    yield (
        "[Where the answer turns](map.md) varies single parameters over their whole conceivable range and draws the "
        "border where the sign changes. [What to measure next](learning.md) shows which survey or trial would narrow "
        "an effect most, and at what price."
    )


def _driver(row: Row) -> str:
    """Write how an effect goes with a parameter."""
    unit = BY_NAME[row["outcome"]].unit
    low, high = (with_unit(row[f"{side}_third"], unit) for side in ("low", "high"))
    turns = row["low_third"] * row["high_third"] < 0
    meaning = ROWS[row["parameter"]].meaning
    correlation = f"{row['correlation']:+.2f}".replace("-", "−")
    ending = ": the sign turns" if turns else ""
    return f"`{row['parameter']}`, {meaning} ({correlation}): {low} where it is low, {high} where it is high{ending}"


def the_report(kept: Kept) -> Iterator[str]:
    """Write where the report's own claims are confirmed and where not, from the page of claims."""
    yield "## The report's own claims"
    listed_claims = load_claims().claim
    checks = pl.read_csv(claims.PLACE / "checks.csv").to_dicts()
    verdicts = {
        claim: claims.verdict(claim, [row for row in checks if claim.id in row["claims"].split(", ")])
        for claim in listed_claims
    }
    said = {key: [each for each in listed_claims if verdicts[each] == key] for key in claims.GROUPS}
    count = {key: len(found) for key, found in said.items()}
    yield (
        f"The report states {len(listed_claims)} numbers. {count['put in']} of them were put into the model and "
        f"{count['outside']} lie outside it. Of the others, the model reproduces {count['reproduced']} and misses "
        f"{count['missed']}; {count['open']} are open, and {count['unclear']} were checked without a figure. "
        "[Claims](claims.md) lists them one by one."
    )
    words = {"reproduced": "Reproduced", "missed": "Missed", "open": "Open"}
    yield "\n".join(
        f"- {words[key]}: {'; '.join(f'{each.says} ({each.id})' for each in found)}."
        for key, found in said.items()
        if found and key in words
    )
    yield (
        "The report also claims that substitutes make a ban bearable (C82). The table compares the pilot ban with all "
        "substitutes, and with each single one, with the same ban without any, in the same economies. Bold marks a "
        "sign that holds under all readings, an asterisk one that holds under some."
    )
    names = kept_order(kept, kept.comparison(SUBSTITUTES)["scenarios"], SUBSTITUTES)
    rows = ((rule(name), *(marked(kept, name, outcome, SUBSTITUTES) for outcome in COLUMNS)) for name in names)
    yield table(("ban", *map(head, COLUMNS)), rows)


def the_plan(kept: Kept) -> Iterator[str]:
    """Write the plan phase by phase, and rules in its place."""
    yield "## The plan in phases"
    plan, first = plan_of(kept), next(iter(kept.comparison(PLAN)["readings"]))
    phases = kept.tables["phases"].filter(scenario=plan)
    rows = []
    for phase in phases["phase"].unique(maintain_order=True):
        mine = {row["outcome"]: row for row in phases.filter(phase=phase).iter_rows(named=True)}
        some = mine[PLANNED[0]]
        cells = (cell(mine[name], False, sign(mine[name]) not in ("", "zero")) for name in PLANNED)
        rows.append((phase, lasting(some), f"{some['people']:,}", *cells))
    pooled = [kept.effect(plan, name, PLAN) for name in PLANNED]
    cells = (cell(row, False, sign(row) not in ("", "zero")) for row in pooled)
    rows.append(("all of it", "", f"{pooled[0]['people']:,}", *cells))
    yield (
        f"Effects of {rule(plan)} under `{first}`, on the firms that each phase reaches. Unless the table says "
        "otherwise, they are measured in the weeks in which the rules of the phase are fully in force. An asterisk "
        f"marks a sign with a chance of at least {percent(SURE)}."
    )
    yield table(("phase", "weeks", "people", *map(head, PLANNED)), rows)
    yield _course(phases)
    names = kept.comparison(INSTEAD)["scenarios"]
    rows = []
    for name in names:
        each = [kept.effect(name, outcome, INSTEAD) for outcome in PLANNED]
        rows.append((rule(name), *(cell(row, False, sign(row) not in ("", "zero")) for row in each)))
    yield (
        "Other rules could replace the plan from its first day on. The table shows their difference **from the plan** "
        "over the same years."
    )
    yield table(("rule", *map(head, PLANNED)), rows)
    better, alike, worse = beside_the_plan(kept)
    words = (
        (better, "Burnout is surely lower than under the plan with"),
        (alike, "Compared with the plan, the sign of burnout differs between draws for"),
        (worse, "Burnout is surely higher than under the plan with"),
    )
    parts = [
        f"{text} {listed([f'{rule(name)} ({_cheaper(kept, name)})' for name in found])}."
        for found, text in words
        if found
    ]
    if alike:
        means = listed([f"{rule(name)} ({_mean(kept, name)})" for name in alike])
        parts.append(f"Mean differences over draws, with intervals of the mean: {means}.")
    yield " ".join(parts)


def _cheaper(kept: Kept, name: str) -> str:
    """Write whether employers pay less under a rule than under the plan."""
    row = kept.effect(name, "employer_cost", INSTEAD)
    words = {"lower": "cheaper", "higher": "more expensive", "zero": "at the same cost"}.get(sign(row), "cost open")
    return f"{words}: {change(row, ', ', '')}"


def _course(phases: pl.DataFrame) -> str:
    """Write in which phases burnout is surely lower or higher, and whether it falls from phase to phase.

    A phase whose rules are not yet in force is named apart: its effect is a few people in a few weeks.
    """
    rows = list(phases.filter(outcome="share_burnt_out").iter_rows(named=True))
    early = [row["phase"] for row in rows if "phased in" in (row["window"] or "")]
    sure = {
        way: [row["phase"] for row in rows if sign(row) == way and row["phase"] not in early]
        for way in ("lower", "higher")
    }
    text = (
        f"Burnout is surely lower in {listed(sure['lower'])}"
        if sure["lower"]
        else "Burnout is surely lower in no phase"
    )
    text += f", and surely higher in {listed(sure['higher'])}" if sure["higher"] else ""
    if early:
        text += f". In {listed(early)}, rules are only being phased in, so the sign there says nothing of them"
    values = [row["difference"] for row in rows if row["difference"] is not None]
    if len(values) < 2:
        return f"{text}."
    falls = all(later < before for before, later in pairwise(values))
    rises = all(later > before for before, later in pairwise(values))
    if not (falls or rises):
        order = "the order is not that of the phases"
    elif max(values) < 0:
        order = f"each phase lowers it {'further' if falls else 'less'}"
    elif min(values) > 0:
        order = f"each phase raises it {'further' if rises else 'less'}"
    else:
        order = f"each phase leaves it {'lower' if falls else 'higher'} than the one before"
    return f"{text}. By the point estimates, {order}."


def made(kept: Kept, place: Path) -> Iterator[str]:
    """Write the size, the command, and the checksums of the tables."""
    yield "## Size, command and tables"
    rows = []
    for name, about in kept.about["comparisons"].items():
        size = f"{about['replicates']} draws × at least {about['people']} people, {about['weeks']} weeks"
        title = kept.about["design"]["comparisons"][name]["title"]
        sets = listed([f"`{each}`" for each in about["readings"]])
        rows.append((title, str(len(about["scenarios"])), sets, size))
    yield table(("comparison", "rules", "parameter sets", "size"), rows)
    left = kept.about["design"]["left_out"]
    yield f"Left out: {'; '.join(f'{rule(name)} ({why})' for name, why in left.items())}." if left else ""
    yield (
        "```text\n"
        "make study DRY=1                                 # estimates what it costs on your machine\n"
        "make study                                       # continues where it was interrupted\n"
        "python -m docs.generate results/study_all_rules  # this page\n```"
    )
    about = kept.comparison(RULES)
    whole = max((*leaders(kept), *kept.rules), key=lambda name: kept.effect(name, COLUMNS[0])["people"])
    sizes = (
        f"YEARS={about['weeks'] / 52:g} PEOPLE={about['people']} REPLICATES={about['replicates']} SEED={about['seed']}"
    )
    yield (
        "The command below computes one row alone, in about two minutes on two cores. For a rule that reaches "
        "everybody the result is the same. A rule that reaches only some firms is then tried on more of these firms."
    )
    yield f'```text\nmake compare SCENARIOS="{about["counterfactual"]} {whole}" {sizes}\n```'
    yield (
        f"The engine was {about['engine'][:12]}. For a larger study, add `REPLICATES=64`. The checksums of the tables, "
        "which `sha256sum -c SHA256SUMS` checks in `docs/study/`:"
    )
    yield "```text\n" + (place / SUMS).read_text(encoding="utf-8") + "```"


@functools.cache
def _shipped(name: str) -> str:
    """Return the checksum of the draws that are shipped today."""
    return read_draws(CALIBRATION / f"posterior_{name}.parquet", name).sha256


def earlier(kept: Kept) -> str:
    """Name the released version whose draws the study used, "" where they are today's."""
    first = kept.readings[0]
    sha256 = kept.comparison(RULES)["readings"][first]["sha256"]
    if _shipped(first) == sha256:
        return ""
    tables = {version: read_json(CALIBRATION / f"release_{version}.json") for version in versions()}
    return next((version for version, table in tables.items() if table["draws"][first] == sha256), "")


def study_page(place: Path = PLACE) -> str:
    """Write the page.

    Parameters
    ----------
    place : Path
        The folder of the tables.

    Returns
    -------
    str
        Markdown.
    """
    kept = load(place)
    if kept is None:
        return "\n\n".join(part.strip("\n") for part in (OPENING, UNKNOWN)) + "\n"
    draws = kept.comparison(RULES)["replicates"]
    notes = NOTES.format(sure=f"{100 * SURE:.0f}", first=kept.readings[0], draws=draws)
    sections = (by_family, for_whom, costs, ranks, holding, turning, the_report, the_plan)
    version = earlier(kept)
    of_version = EARLIER.format(version=version, first=kept.readings[0]) if version else ""
    parts = [OPENING, of_version, answer(kept), notes, *(text for section in sections for text in section(kept))]
    parts += made(kept, place)
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"
