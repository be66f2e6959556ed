"""What a rule would do to the organisation of a message log: first which messages it would touch."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from sim.evidence.logfile import Report
from sim.evidence.quantities import Scope
from sim.evidence.touched import Rule, unknown
from sim.observation import Doubts
from sim.report.touched import print_touched
from sim.scenario.schema import Scenario, content_hash
from sim.studies.study import Findings, Manner, published

KIND = "touched"


def touched(
    scenario: Scenario, rules: Sequence[Rule], unseen: Sequence[str], table: pl.DataFrame, about: Mapping[str, Any],
    manner: Manner,
) -> None:  # fmt: skip
    """Publish which messages and people of a log a scenario would touch; ``about`` is from ``log_facts``."""
    facts = {
        "kind": KIND,
        "scenario": scenario.name,
        "titles": {scenario.name: {"en": scenario.title, "zh": scenario.title_zh}},
        "sha256": {scenario.name: content_hash(scenario)},
        "rules": [rule.name for rule in rules],
        "log": {**about, "unseen": list(unseen)},
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    published(manner, lambda _: Findings({"touched": table}, facts), print_touched)


def log_facts(path: Path, report: Report, scope: Scope, rules: Sequence[Rule], doubts: Doubts) -> dict[str, Any]:
    """Return the manifest's facts on a log: what it is, its size, and what it does not hold."""
    return {
        "name": path.name,
        "kind": report.kind or "table",
        "people": report.people,
        "entries": report.used,
        "days": report.days,
        "hours": [scope.opening, scope.closing],
        "channels": list(scope.channels),
        "unknown": unknown(rules, scope),
        "clock": doubts.clock,
        "partial": doubts.partial,
    }
