"""The same question by every route: one number to the bit, and each output and manifest names the parameters."""

import ast
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from sim import model, verify
from sim.core.parameter_sets import DEFAULT, FIRST, POINT
from sim.model import Workplace
from sim.runs.cache import Library
from sim.runs.simulation import run, simulate
from sim.scenario.loading import changed, load
from sim.scenario.parameter_draws import drawn, load_draws
from sim.scenario.schema import Scenario
from sim.sensitivity.campaign import order
from tests.conftest import Call

pytestmark = pytest.mark.usefixtures("few_messages")

TODAY = """base = "status_quo"
title = "Today in small firms"
compare_with = "today"
run = { people = 100, years = 0.2, replicates = 1, warmup_days = 7, settling_weeks = 12 }
population = { firm_size_median = 6, firm_size_sigma = 0.1, firm_size_min = 5, firm_size_max = 8 }
"""
RULED = """base = "today"
title = "Quiet evenings"
compare_with = "today"
[[levers]]
kind = "quiet_hours"
mode = "hold"
start = 2026-02-02
scope = { share = 0.8 }
"""
EVERYWHERE = RULED.replace("scope = { share = 0.8 }\n", "")  # all firms are then simulated
SWEEP = """title = "The same question"
scenarios = ["today"]
paired = false
axes = [{ name = "run.people", values = [100] }]
"""


def share(rows: pl.DataFrame) -> float:
    """Share burnt out in person-weeks of one world after the warm-up."""
    return float(rows.filter(pl.col("week") >= 0)["burnt_out"].mean())  # type: ignore[arg-type]


def lived(scenario: Scenario, **how: object) -> float:
    """Share burnt out in a model."""
    lives = Workplace(scenario, **how)  # type: ignore[arg-type]
    lives.run_for(lives.days_total)
    return share(lives.person_week())


def first(folder: Path, table: str, column: str, **keys: str) -> float:
    """Read a number of a results folder."""
    return float(pl.read_parquet(folder / f"{table}.parquet").filter(**keys)[column][0])


def in_library(folder: Path) -> float:
    """Share burnt out in the world of today that a command has left in its library."""
    (place,) = folder.parent.glob("worlds/today-r0-*")
    return share(pl.read_parquet(place / "person_week"))


def in_sweep(folder: Path) -> float:
    """Share burnt out in the only row of a sweep."""
    return float(
        pl.read_parquet([*folder.glob("shards/*/*.parquet"), *folder.glob("runs/*.parquet")])["share_burnt_out"][0]
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world in small firms, a rule in it, and a sweep of it."""
    folder = tmp_path_factory.mktemp("question")
    for name, text in {"today": TODAY, "ruled": RULED, "everywhere": EVERYWHERE, "question": SWEEP}.items():
        (folder / f"{name}.toml").write_text(text)
    return folder


@pytest.fixture(scope="module")
def answers(files: Path) -> dict[str, float]:
    """The share burnt out in both worlds with the first draw written into the scenario."""
    usual = changed(load("status_quo"), people=20, years=0.04, replicates=1)
    worlds = {"today": load(files / "today.toml"), "status_quo": usual}
    return {name: lived(drawn(world, load_draws(DEFAULT), 0), parameters=POINT) for name, world in worlds.items()}


type Read = Callable[[Path], float]
SMALL = ("--people", 20, "--years", 0.04, "--replicates", 1)
ROUTES: dict[str, tuple[tuple[object, ...], str, Read, str]] = {  # arguments, folder, where the answer is, the world
    "run": (("today.toml",), "today", lambda f: first(f, "levels", "value", outcome="share_burnt_out"), "today"),
    "compare": (("today.toml", "everywhere.toml"), "compare_today_everywhere", in_library, "today"),
    "explain": (("today.toml", "--only", "m12_watching"), "explain_today", in_library, "today"),
    "evaluate": (("ruled.toml",), "evaluate_ruled", in_library, "today"),
    "design": (("ruled.toml", "--replications", 20, "--firms", 4, "--cities", 1, "--months", 1), "design_ruled",
               in_library, "today"),
    "targets": (SMALL, "targets", lambda f: first(f, "report", "observed", observable="share_burnt_out"), "status_quo"),
    "sweep": (("question.toml", "--backend", "serial"), "question-*", in_sweep, "today"),
}  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
def test_every_command_gives_the_same_number_and_names_its_parameters(
    route: str, files: Path, answers: dict[str, float], call: Call, tmp_path: Path
) -> None:
    arguments, place, read, world = ROUTES[route]
    paths = [files / each if str(each).endswith(".toml") else each for each in arguments]
    done = call(route, *paths, "--no-figures", "--out", tmp_path / "results")
    assert done.code == 0, done.err
    (folder,) = (tmp_path / "results").glob(place)
    assert read(folder) == answers[world]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["parameters" if route == "sweep" else "uncertainty"]["name"] == DEFAULT
    said = (done.err if route == "sweep" else done.out).replace("\n", " ")
    assert f"Parameters: draw 1 of 1,000 of “{DEFAULT}”" in said


def test_python_gives_the_same_number(files: Path, answers: dict[str, float], tmp_path: Path) -> None:
    today, usual = load(files / "today.toml"), answers["today"]
    assert lived(today) == usual
    assert share(run(today)["person_week"]) == usual
    assert share(pl.DataFrame(simulate(today).replicates[0]["person_week"])) == usual
    assert share(Library(tmp_path).world(today, 0).scan("person_week").collect()) == usual
    pair = order(today, None, (), (), (4, 0), tmp_path).pair
    assert pair({"economy": 0.0}, 0)["level/share_burnt_out"] == usual


def test_python_takes_other_sets_and_other_draws(files: Path, answers: dict[str, float]) -> None:
    today = load(files / "today.toml")
    sets = (POINT, DEFAULT, "report", FIRST)
    found = {name: lived(today, parameters=name, firms=[0, 1, 2]) for name in sets}
    for name in sets:
        assert found[name] == lived(drawn(today, name, 0), parameters=POINT, firms=[0, 1, 2])
    assert len({str(drawn(today, name, 0).parameters) for name in sets}) == len(sets)
    assert len(set(found.values())) > 1
    second = Workplace(today, replicate=1)
    assert second.setting == drawn(today, DEFAULT, 1) != drawn(today, DEFAULT, 0)
    assert second.firms_with_rules_of(today) == second.firms_with_rules_of(second.setting) != []


COMMANDS = (
    "run",
    "compare",
    "explain",
    "evaluate",
    "design",
    "targets",
    "sensitivity",
    "sweep",
    "replicate",
    "observe",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_simulates_takes_the_same_option(command: str, call: Call) -> None:
    assert "--parameters SET" in call(command, "--help").out
    assert DEFAULT in call(command, "--help").out


def test_what_stays_at_the_table_says_so(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_all_claims", lambda: iter(()))  # what it proves takes long, and has tests of its own
    assert f"Parameters: {POINT}, one value each, as in the table." in call("verify").out
    assert call("verify", "--lang", "zh").out == "参数组：point，各取参数表中的一个值。\n"


def test_nothing_in_the_package_leaves_the_parameters_of_a_model_to_the_default() -> None:
    """Who makes a model inside the package has a set at hand, or means the table: the default is for users."""
    calls = [
        (path.name, node.lineno, {word.arg for word in node.keywords})
        for path in Path(model.__file__).parent.rglob("*.py")
        if "Workplace(" in (text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Workplace"
    ]
    assert len(calls) >= 10
    assert [(name, line) for name, line, words in calls if "parameters" not in words] == []
