"""The Python interface: the numbers of the command line, and nothing loaded before it is asked for."""

import importlib
import inspect
import re
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import numpy as np
import polars as pl
import pytest

import sim
from sim import api
from sim.cli import logs, studies
from sim.core.errors import InputError, ResultsError
from sim.evidence.targets import check_targets
from sim.sweeps.monitor import PARTIAL
from tests.conftest import Call

SAMPLE = Path(__file__).parent / "data" / "enron_sample.csv"
SMALL = {"people": 20, "years": 0.04, "replicates": 1}

pytestmark = pytest.mark.usefixtures("few_messages")


def test_importing_loads_nothing_heavy() -> None:
    code = "import sys, sim; sys.exit(str([m for m in ('numpy', 'polars', 'mesa', 'numba') if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"
    assert {*api.__all__} <= set(dir(sim))
    assert {"compare", "sweep", "calibrate", "observe", "ask", "Workplace", "InputError"} <= {*api.__all__}
    with pytest.raises(AttributeError, match="no attribute 'compares'"):
        _ = sim.compares


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results whose worlds are simulated once."""
    return tmp_path_factory.mktemp("api")


def test_a_run_and_a_comparison_are_those_of_the_command_line(tmp_path: Path, place: Path, call: Call) -> None:
    """The same tables to the bit, from worlds that each has simulated."""
    flags = ("--people", 20, "--years", 0.04, "--replicates", 1, "--no-figures")
    call("run", "status_quo", *flags, "--out", tmp_path / "cli")
    made = sim.run("status_quo", **SMALL, out=place)
    assert made.tables["levels"].equals(sim.read(tmp_path / "cli" / "status_quo").tables["levels"])
    call("compare", "status_quo", "no_instant_messaging", *flags, "--out", tmp_path / "cli")
    found = sim.compare("status_quo", "no_instant_messaging", **SMALL, out=place)
    theirs = sim.read(tmp_path / "cli" / "compare_status_quo_no_instant_messaging")
    assert found.tables["effects"].equals(theirs.tables["effects"])
    assert found.manifest["kind"] == theirs.manifest["kind"] == "comparison"


def test_the_manifest_of_a_call_repeats_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    small = sim.changed("status_quo", people=20, years=0.04)
    made = sim.run(small, replicates=np.int64(1), parameters="point", out="one")
    assert made.manifest["command"] == (
        "import sim; sim.run(sim.changed(sim.load('status_quo'), people=20, years=0.04), replicates=1, "
        "parameters='point', out='one')"
    )
    exec(made.manifest["command"].replace("'one'", "'two'"))
    assert sim.read("two/status_quo").tables["levels"].equals(made.tables["levels"])
    other = small.model_copy(update={"name": "mine"})
    assert sim.run(other, replicates=1, parameters="point", out="one").manifest["command"] == ""


def test_a_scenario_that_was_loaded_is_compared_with_the_one_beside_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever one works, whatever was loaded since, also of a shipped name, and with another size."""
    for place, rule in (("one", "mine"), ("two", "mine"), ("one", "quiet_hours")):
        head = 'title = "T"\ntitle_zh = "题"\n'
        (tmp_path / place).mkdir(exist_ok=True)
        text = f'{head}base = "status_quo"\nrepresents = "{place}"\n'
        (tmp_path / place / "today.toml").write_text(f'{text}compare_with = "today"\n', encoding="utf-8")
        (tmp_path / place / f"{rule}.toml").write_text(f'{text}compare_with = "today"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    one, two, shipped = (sim.load(Path(name)) for name in ("one/mine.toml", "two/mine.toml", "one/quiet_hours.toml"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    met: list[str] = []
    monkeypatch.setattr(api.comparisons, "publish_run", lambda _, reference, __: met.append(reference.represents))
    monkeypatch.setattr(api, "read", lambda _: None)
    for scenario in (one, two, shipped, sim.changed(one, people=60)):
        sim.run(scenario, people=80, years=0.1)
    assert met == ["one", "two", "one", "one"]


@pytest.mark.parametrize(
    ("function", "command"), [(api.run, studies.run), (api.compare, studies.compare), (api.ask, logs.ask)]
)
def test_options_are_those_of_the_command_and_listed_one_by_one(function: Any, command: click.Command) -> None:
    usual = {option.name: option.default for option in command.params}
    shown = inspect.signature(function).parameters
    assert usual.keys() >= api.StudyOptions.__annotations__.keys()
    assert shown.keys() >= api.StudyOptions.__annotations__.keys()
    assert {name: str(shown[name].default) for name in ("out", "parameters")} == {
        name: usual[name] for name in ("out", "parameters")
    }
    with pytest.raises(TypeError, match="unexpected keyword argument 'peple'; did you mean 'people'"):
        function(*["status_quo"] * (1 + (function is api.ask)), peple=60)


def test_mistakes_are_named() -> None:
    with pytest.raises(InputError, match="each once"):
        sim.compare("status_quo")
    with pytest.raises(InputError, match="name one set"):
        sim.run("status_quo", parameters="report,audited")
    odd = Path("none.parquet")
    with pytest.raises(InputError, match=re.escape(f"--parameters {odd}: no such file, and no such set")):
        sim.run("status_quo", parameters=odd)
    with pytest.raises(InputError, match=r"parameters: .*: no such file, and no such set"):
        sim.sweep("quick", parameters=odd)
    with pytest.raises(InputError, match="quiet_hours"):
        sim.load("quiet_hour")
    with pytest.raises(InputError, match=r"^--people 3: run.people: 3: must be at least 20$"):
        sim.run("status_quo", people=3)
    with pytest.raises(ResultsError, match=r"there is no folder .*nowhere"):
        sim.read("nowhere")
    with pytest.raises(InputError, match=r"^--years 0.1: rules begin only after the run, .*: pilot_ban \(0.6"):
        sim.compare("status_quo", "pilot_ban", years=0.1)
    with pytest.raises(InputError, match=r"^threads: 0: must be at least 1$"):
        sim.run("status_quo", threads=0)
    with pytest.raises(InputError, match=r"^threads: -1: must be at least 1$"):
        sim.Workplace("status_quo", threads=-1)
    with pytest.raises(InputError, match="did you mean 'quiet_hours'"):
        sim.Workplace("quite_hours")
    for name, value, least in (("people", 10, 100), ("seed", -1, 0), ("workers", 0, 1)):
        with pytest.raises(InputError, match=f"^{name}: {value}: must be at least {least}$"):
            sim.calibrate("surveyed", **{name: value})
    for name, value, most in (("people", 10**6, 100_000), ("seed", 2**32, 2**32 - 1), ("workers", 10**6, 100_000)):
        with pytest.raises(InputError, match=f"^{name}: {value}: must be at most {most}$"):
            sim.calibrate("none", **{name: value})
    with pytest.raises(InputError, match=r"^threads: 1025: must be at most 1024$"):
        sim.run("none", threads=1025)
    with pytest.raises(InputError, match=r"^workers: -1: must be at least 1$"):
        sim.sweep("quick", workers=-1)
    with pytest.raises(TypeError, match=r"sweep\(\) got .* 'people'; valid: design, figures, out, parameters, replic"):
        sim.sweep("quick", people=60)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"people": "many"}, 'people: "many": must be a whole number'),
        ({"people": 60.5}, "people: 60.5: must be a whole number"),
        ({"years": "long", "threads": 1.5}, 'years: "long": must be a number\nthreads: 1.5: must be a whole number'),
        ({"parameters": None}, "parameters: must be text"),
        ({"parameters": ["report"]}, 'parameters: ["report"]: must be text'),
        ({"figures": "some"}, 'figures: "some": must be true or false'),
        ({"out": 3}, "out: 3: must be text"),
    ],
)
def test_arguments_of_another_kind_are_named_before_anything_runs(wrong: dict[str, Any], message: str) -> None:
    """All at once, whichever function is called; what can be read as the right kind is."""
    for call in (partial(sim.run, "status_quo"), partial(sim.compare, "status_quo", "quiet_hours")):
        with pytest.raises(InputError) as error:
            call(**wrong)
        assert str(error.value) == message
    with pytest.raises(InputError, match=r"^--years 0.1: rules begin only after the run"):
        sim.compare("status_quo", "pilot_ban", years="0.1", threads=np.int64(1))
    for call in (sim.read, sim.observe):
        with pytest.raises(InputError, match=r"^(folder|log): 3: must be text$"):
            call(3)
    for call in (sim.read, sim.run, sim.sweep):
        with pytest.raises(InputError, match=r"^(folder|scenario|design): holds a NUL character$"):
            call("a\0b")
    with pytest.raises(InputError, match=r"^how: .*must be a Reading$"):
        sim.observe(SAMPLE, "UTC")
    with pytest.raises(InputError, match=r"^others\[0\]: 3: must be text$|^others: "):
        sim.compare("status_quo", 3)
    with pytest.raises(InputError, match=r"^threads: '2': must be a whole number$"):
        sim.Workplace("status_quo", threads="2")
    with pytest.raises(InputError, match=r"^replicate: -1: must be at least 0$"):
        sim.Workplace("status_quo", replicate=-1)
    with pytest.raises(InputError, match=r"^firms: -1: must be at least 0$"):
        sim.Workplace("status_quo", firms=[1, -1])
    assert sim.Workplace("status_quo", firms=iter([2, 0, 2])).world.firm.number.tolist() == [0, 2]
    for share in (-0.1, 2, float("nan")):
        with pytest.raises(InputError, match=f"^log_share: {share}: must be a share from 0 to 1$"):
            sim.Workplace("status_quo", log_share=share)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"columns": {"sendr": "von"}}, "^columns sendr: unknown name; did you mean 'sender'"),
        ({"channels": ("mial",)}, "^--channels mial: unknown name; did you mean 'mail'"),
        ({"channels": "mail"}, r"^channels: 'mail': names are listed, as in \['mail'\]$"),
        ({"leaders": "ceo"}, r"^leaders: 'ceo': names are listed, as in \['ceo'\]$"),
        ({"leaders": 5}, "^leaders: 5: must be a list$"),
        ({"opening": "early"}, '^opening: "early": must be a number$'),
        ({"columns": {"sender": 3}}, "^columns: 3: must be text$"),
        ({"separator": 3}, "^separator: 3: must be text$"),
        ({"opening": 18.0, "closing": 9.0}, "^--hours 18-9: two hours of one day are needed"),
    ],
)
def test_a_reading_of_what_there_is_not_is_refused(how: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        sim.observe(SAMPLE, sim.Reading(zone="UTC", **how))


def test_results_show_themselves(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = sim.compare("status_quo", "no_instant_messaging", **SMALL, out=place)
    assert capsys.readouterr().out == ""
    assert found.effects.equals(found.tables["effects"])
    assert "no_instant_messaging" in found.summary
    shown = found._repr_html_()
    assert shown.startswith("<pre>")
    assert "<td>effects</td>" in shown
    assert repr(found).startswith("Results of the kind 'comparison' in ")
    with pytest.raises(ResultsError, match=r"no table 'effects'; valid: levels, person_week$"):
        _ = found._replace(tables={"levels": found.effects}).effects


def test_tables_go_to_pandas_and_arrow(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = sim.run("status_quo", **SMALL, out=place)
    levels = made.tables["levels"]
    there = levels.to_pandas()
    assert there.shape == levels.shape
    assert there["value"].sum() == pytest.approx(levels["value"].sum())
    assert levels.to_arrow().num_rows == levels.height
    assert made.to_pandas("levels").shape == levels.shape
    with pytest.raises(ResultsError, match=r"'person_week' is in several files: scan\('person_week'\)"):
        made.to_pandas("person_week")
    with pytest.raises(ResultsError, match=r"has no table 'weeks'; valid: .*levels.*, person_week, "):
        made.scan("weeks")
    with pytest.raises(ResultsError, match=r"has no table 'levls'; did you mean 'levels'\?$"):
        made.tables["levls"]
    with pytest.raises(ResultsError, match=r"'person_week' is in several files: scan\('person_week'\)"):
        made.tables["person_week"]
    monkeypatch.setattr(pl.DataFrame, "to_pandas", lambda _: importlib.import_module("no_pyarrow_here"))
    with pytest.raises(ResultsError, match=r"pip install 'pandas\[parquet\]'"):
        made.to_pandas("levels")


def test_a_log_is_measured_and_asked_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = sim.observe(SAMPLE, zone="UTC", partial=True, out=tmp_path / "mine.toml")
    assert shown.filter(quantity="log_weekend_share")["role"].item() == "calibrated"
    assert check_targets(tmp_path / "mine.toml").name == "mine"
    how = sim.Reading(zone="UTC", channels=("mail",))
    asked = sim.ask(SAMPLE, sim.load("quiet_hours"), how, partial=True, effect=False, out=tmp_path)
    assert asked.manifest["log"]["channels"] == ["mail"]
    with pytest.raises(InputError, match=r"^people: is only for effect=True\nparameters: is only for effect=True$"):
        sim.ask(SAMPLE, "quiet_hours", how, effect=False, people=200, parameters="point", seed=None, out=tmp_path)
    assert asked.tables["touched"].filter(rule="any", by="all")["share"].item() == pytest.approx(0.432, abs=0.001)
    assert capsys.readouterr().out == ""


def test_a_sweep_that_was_interrupted_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = SimpleNamespace(folder=tmp_path)
    monkeypatch.setattr(api, "run_sweep", lambda *_: (sweep, PARTIAL))
    with pytest.raises(ResultsError, match="runs are missing; the same call goes on"):
        sim.sweep("quick")


def test_a_sweep_gives_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(
        'title = "Tiny"\nscenarios = ["status_quo"]\nreplicates = 1\n[run]\npeople = 20\nyears = 0.04\n'
        '[[axes]]\nname = "parameters.staff_messages"\nvalues = [6.0, 9.0]\n',
        encoding="utf-8",
    )
    found = sim.sweep(tmp_path / "tiny.toml", parameters="point", workers=1, out="sweeps")
    assert found.folder.parent == tmp_path / "sweeps"  # wherever the notebook goes
    assert found.manifest["kind"] == "sweep"
    assert {"effects", "responses", "axes"} <= found.tables.keys()
    assert sim.read(found.folder).effects.equals(found.effects)


def test_a_sweep_in_which_nothing_varies_is_read_and_one_in_which_all_runs_fail_is_an_error(tmp_path: Path) -> None:
    lever = '[[levers]]\nkind = "quiet_hours"\nmode = "block"\nscope = { size_min = 300 }\n'
    nobody = f'base = "status_quo"\ntitle = "Nobody"\n{lever}'
    (tmp_path / "nobody.toml").write_text(nobody, encoding="utf-8")
    for name, scenario in (("today", "status_quo"), ("none", "nobody.toml")):
        design = f'title = "x"\nscenarios = ["{scenario}"]\n[run]\npeople = 20\nyears = 0.04\n'
        (tmp_path / f"{name}.toml").write_text(design, encoding="utf-8")
    found = sim.sweep(tmp_path / "today.toml", parameters="point", workers=1, out=tmp_path)
    assert sim.read(found.folder).effects.equals(found.effects)
    assert found.manifest["runs"] == {"planned": 1, "done": 1, "failed": 0, "reason": ""}
    with pytest.raises(ResultsError, match="all runs of this sweep have failed"):
        sim.sweep(tmp_path / "none.toml", parameters="point", workers=1, out=tmp_path)
