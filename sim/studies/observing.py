"""What a message log shows, beside the model's own log if it was simulated, and targets to fit the model to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sim.evidence.logfile import Report
from sim.evidence.quantities import Scope
from sim.files.storage import write_text
from sim.observation import Doubts, Side, as_table, name_of, shapes_table, target_set
from sim.report.message_log import KIND, TARGETS, print_observed
from sim.scenario.parameter_draws import stated
from sim.studies.study import Findings, Manner, published


def observed(
    log: Path, report: Report, scope: Scope, doubts: Doubts, sides: Sequence[Side], model: Mapping[str, int],
    manner: Manner,
) -> None:  # fmt: skip
    """Publish what was measured on a log, the first of the sides; ``model`` has people, weeks and seed of the other."""
    summer = doubts.summer._asdict() if doubts.summer else None
    facts: dict[str, Any] = {
        "kind": KIND,
        "log": {"name": log.name, **asdict(report)},
        "doubts": {**doubts._asdict(), "summer": summer},
        "model": dict(model),
        "seed": model.get("seed"),
        "uncertainty": stated(manner.draws) if model else None,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }

    def found(draft: Path) -> Findings:
        write_text(draft / TARGETS, target_set(name_of(log), sides[0].measured, scope, doubts, report))
        return Findings({"observed": as_table(sides, doubts), "shapes": shapes_table(sides)}, facts)

    published(manner, found, print_observed)
