"""What a message log shows and what a rule would do to its organisation: messages touched, and simulated effects."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from sim.evidence.logfile import LogReport
from sim.evidence.modelled import with_hours_of_log
from sim.evidence.quantities import Scope
from sim.evidence.targets import TargetSet, check_targets
from sim.evidence.touched import Rule, never_together, not_in_log
from sim.evidence.traffic import Tally
from sim.files.storage import write_text
from sim.observation import (
    LOST_FIELDS,
    WEEKEND_WORK,
    ComparedSource,
    Doubts,
    observed_table,
    shapes_table,
    target_set_name,
    target_set_toml,
)
from sim.report import message_log
from sim.runs.evaluations import Evaluator
from sim.scenario.economy import Population
from sim.scenario.loading import changed, load, on_economy
from sim.scenario.parameter_draws import stated
from sim.scenario.schema import Scenario, content_hash
from sim.studies.comparisons import publish_run
from sim.studies.study import Findings, Setup, publish

FEWEST_PEOPLE, MOST_PEOPLE = 20, 300  # people of the firm simulated
MOST_LOGGED = 150  # people whose log is simulated for the fit, at most
TOTAL_PEOPLE = 3_200  # over all replicates, as in other studies by default
FEWEST_REPLICATES = 12  # replicates


def publish_observation(
    log: Path, report: LogReport, scope: Scope, doubts: Doubts, sides: Sequence[ComparedSource],
    model: Mapping[str, int], setup: Setup,
) -> None:  # fmt: skip
    """Publish what was measured on a log, the first of the sides; ``model`` has people, weeks and seed of the other."""
    summer = doubts.summer._asdict() if doubts.summer else None
    facts: dict[str, Any] = {
        "kind": message_log.KIND,
        "log": {"name": log.name, **asdict(report)},
        "doubts": {**doubts._asdict(), "summer": summer},
        "model": dict(model),
        "seed": model.get("seed"),
        "uncertainty": stated(setup.draws) if model else None,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }

    def found(draft: Path) -> Findings:
        write_text(
            draft / message_log.TARGETS, target_set_toml(target_set_name(log), sides[0].measured, scope, doubts, report)
        )
        return Findings({"observed": observed_table(sides, doubts), "shapes": shapes_table(sides)}, facts)

    publish(setup, found, message_log.print_observed)


def publish_touched(
    scenario: Scenario, rules: Sequence[Rule], about: Mapping[str, Any], table: pl.DataFrame, setup: Setup,
    first: bool = False,
) -> None:  # fmt: skip
    """Publish which messages and people of a log a scenario would touch; ``about`` is from ``log_facts``.

    If it is only the ``first`` part of an answer, earlier results, which may have the second, are kept.
    """
    facts = {
        "kind": message_log.TOUCHED,
        "scenario": scenario.name,
        "titles": {scenario.name: {"en": scenario.title, "zh": scenario.title_zh}},
        "sha256": {scenario.name: content_hash(scenario)},
        "rules": [rule.name for rule in rules],
        "log": dict(about),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if first and setup.folder.exists():
        message_log.print_touched(setup.output, {"touched": table}, facts, setup.folder, saved=False)
    else:
        publish(setup, lambda _: Findings({"touched": table}, facts), message_log.print_touched)


def targets_of_log(name: str, tally: Tally, doubts: Doubts, report: LogReport) -> TargetSet:
    """Return the targets that a log gives, as ``offhours observe`` writes them."""
    with tempfile.TemporaryDirectory(prefix="offhours-") as folder:
        path = Path(folder) / f"{name}.toml"
        text = target_set_toml(name, tally.measured(), tally.scope, doubts, report)
        path.write_text(text, encoding="utf-8")
        return check_targets(path)


def firm_like(scenario: Scenario, people: int, scope: Scope, replicates: int | None) -> Scenario:
    """Put a scenario on a single firm of the log's size, with its contract hours.

    Without ``replicates`` there are as many as give the usual number of people over all of them. Raises ``InputError``
    for hours that the model does not have.
    """
    size = min(max(people, FEWEST_PEOPLE), MOST_PEOPLE)
    count = replicates or max(FEWEST_REPLICATES, TOTAL_PEOPLE // size)
    firm: dict[str, Any] = dict.fromkeys(("firm_size_median", "firm_size_min", "firm_size_max"), size)
    firm |= {"firm_size_sigma": 0.0, "firm_size_tail": 0.0}
    alike = with_hours_of_log(scenario, scope)
    population = Population.model_validate({**alike.population.model_dump(), **firm})
    alike = alike.model_copy(update={"population": population})
    return changed(alike, people=size, replicates=count)


def publish_answer(
    scenario: Scenario, reference: Scenario, about: Mapping[str, Any], table: pl.DataFrame, targets: TargetSet,
    lent: str, setup: Setup, evaluator: Evaluator,
) -> None:  # fmt: skip
    """Fit the organisation of a log, simulate a scenario and its reference for it, and publish all with ``table``.

    What ``table`` says is in the summary and not printed: ``publish_touched`` did that.
    """
    from sim.calibration.campaign import EVALUATIONS  # noqa: PLC0415  (its statistics take seconds, and only here)
    from sim.calibration.organisation import PLAN, LogSimulator, fit_organisation  # noqa: PLC0415

    today = on_economy(load("status_quo"), scenario)
    people = min(scenario.run.people, MOST_LOGGED)
    scope = targets.log.scope if targets.log else Scope()
    simulate = LogSimulator(today, scope, people, lent)
    folder = setup.library.with_name(EVALUATIONS)
    found = fit_organisation(targets, simulate, folder, evaluator, scenario.run.seed, PLAN)
    facts = {"log": dict(about), "lent": lent}
    posterior = pl.DataFrame(found.draws.rows)
    tables = {"touched": table, "taken": found.taken, "agreement": found.agreement, "posterior": posterior}
    how, beside = setup._replace(draws=found.draws), Findings(tables, facts)
    publish_run(scenario, reference, how, beside, message_log.print_simulated, message_log.print_asked)


def log_facts(path: Path, report: LogReport, scope: Scope, rules: Sequence[Rule], doubts: Doubts) -> dict[str, Any]:
    """Return the manifest's facts on a log: what it is, its size, and what it does not hold."""
    return {
        "name": path.name,
        "kind": report.kind or "table",
        "people": report.people,
        "leading": report.leading if "rank" in report.columns else None,
        "entries": report.used,
        **{name: getattr(report, name) for name in LOST_FIELDS},
        "days": report.days,
        "hours": [scope.opening, scope.closing],
        "channels": list(scope.channels),
        "unknown": not_in_log(rules, scope),
        "apart": never_together(rules),
        "clock": doubts.clock or (WEEKEND_WORK if doubts.other_week else ""),
        "partial": doubts.partial,
    }
