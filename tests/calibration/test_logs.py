"""Targets from a message log are fitted like others: each simulation has its own log measured."""

from pathlib import Path

import numpy as np
import pytest

from sim.calibration.campaign import Order, calibrate
from sim.calibration.history_matching import QUICK
from sim.calibration.priors import load_priors
from sim.calibration.problem import problem_of
from sim.calibration.simulator import LoggingSimulator, Simulator
from sim.core.errors import InputError
from sim.core.parameter_sets import POINT
from sim.evidence.logcolumns import Reading
from sim.evidence.logfile import LogReport, observe_log
from sim.evidence.modelled import measure_model, today_at_size
from sim.evidence.quantities import QUANTITIES, Scope
from sim.evidence.targets import TargetSet, check_targets
from sim.observation import doubts_of, target_set_toml
from sim.runs.evaluations import Evaluator
from sim.scenario.loading import load

SAMPLE = Path(__file__).parent.parent / "data" / "enron_sample.csv"
SIZE = {"people": 60, "settling_weeks": 0, "warmup_days": 7, "weeks": 3}


def targets_of(folder: Path) -> TargetSet:
    tally, _ = observe_log(SAMPLE, Reading(zone="UTC"))
    doubts = doubts_of(tally, partial=True)
    (folder / "mine.toml").write_text(
        target_set_toml("mine", tally.measured(), tally.scope, doubts, LogReport()), encoding="utf-8"
    )
    return check_targets(folder / "mine.toml")


def test_targets_from_a_log_make_a_problem(tmp_path: Path) -> None:
    problem = problem_of(targets_of(tmp_path))
    assert problem.names == (
        "log_reply_share",
        "log_reply_median",
        "log_reply_hour",
        "log_weekend_share",
        "log_thread_length",
    )
    assert [scale.kind for scale in problem.scales] == ["arcsine", "log", "arcsine", "arcsine", "same"]
    assert np.all(problem.error > 0)


def test_the_models_log_answers_to_parameters_and_all_else_stays(tmp_path: Path) -> None:
    log = targets_of(tmp_path).log
    assert log is not None
    simulate = LoggingSimulator(**SIZE, scope=log.scope, logged=60)
    found = simulate({}, 5)
    assert {name: found[name] for name in found if name not in QUANTITIES} == Simulator(**SIZE)({}, 5)
    assert simulate({}, 5)["log_reply_median"] == found["log_reply_median"]
    late = simulate({"answer_now": 0.1}, 5)
    assert late["log_reply_median"] > 1.5 * found["log_reply_median"]


def test_the_people_of_the_model_have_the_contract_hours_of_the_log(tmp_path: Path) -> None:
    """At 7 to 16 they write as much outside hours as at 9 to 18; by hours that were not theirs it was .11 more."""
    today = today_at_size(load("status_quo"), 60, 2, seed=1, warmup_days=7)
    usual, early = (
        measure_model(today, scope, parameters=POINT, intervals=False).measured()["log_after_share"].value
        for scope in (Scope(), Scope(opening=7.0, closing=16.0))
    )
    assert early == pytest.approx(usual, abs=0.05)
    targets = targets_of(tmp_path)
    assert targets.log is not None
    long = targets.model_copy(update={"log": targets.log.model_copy(update={"closing": 21.0})})
    with pytest.raises(InputError, match=r"--hours 9-21: contract hours of the model begin at 5\.5 to 10\.5"):
        calibrate(Order(long, load_priors(), QUICK, 1, tmp_path), Evaluator())
