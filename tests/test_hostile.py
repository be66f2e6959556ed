"""Files that are small and slow, deep, endless or of another kind: each is refused, or read, at once."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.calibration.priors import load_priors
from sim.cli.files import check
from sim.core.errors import InputError
from sim.evidence.logcolumns import Reading, open_log
from sim.evidence.targets import check_targets
from sim.files.toml import MAX_DEPTH, read
from sim.report import scorecard
from sim.runs import result_scenario as stored
from sim.scenario import loading as scenario
from sim.scenario import parameter_draws as uncertainty
from sim.sweeps.design import load_design
from tests.fuzz.guard import outcome

BASE = 'base = "status_quo"\ntitle = "x"\n'
LEVER = '[[levers]]\nkind = "placebo"\n'
GRADED = '[[levers]]\nkind = "enforcement"\ngrades = [' + ",".join(f"{{size_min = {n}}}" for n in range(1, 51)) + "]\n"
TITLES = 'name = "x"\ntitle = "x"\n'
TARGET = '[[target]]\nobservable = "share_anxious"\nrole = "checked"\nconfidence = "x"\n'
PRIOR = (
    '[[prior]]\nparameter = "wait_minutes"\nrole = "fitted"\ndistribution = "uniform"\nlow = 20\nhigh = 30\n'
    'source = "x"\n'
)
AXIS = '[[axes]]\nname = "wait_minutes"\nvalues = [20]\n'
READERS: tuple[Callable[[Path], object], ...] = (
    scenario.load,
    load_design,
    check_targets,
    load_priors,
    scorecard.coefficients,
)


def refusal(path: Path, reader: Callable[[Path], object] = scenario.load) -> str:
    """Read a file within the time that a case of the fuzzers has; the refusal, empty if it is read."""
    wrong, message, _ = outcome(lambda: reader(path), lambda: "")
    assert not wrong
    return message


def written(folder: Path, text: str) -> Path:
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return folder / "mine.toml"


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 20_000,
        "\n" * 400_000,
        LEVER * 200,
        "# x\n" * 50_000 + LEVER,
        f"[calendar]\nholidays = [{'2026-01-05, ' * 30_000}]\n",
        f"{LEVER}scope = {{ cities = [{'"beijing", ' * 30_000}] }}\n",
    ],
    ids=["blank", "very blank", "levers", "comments", "holidays", "cities"],
)
def test_long_scenarios_are_read(tmp_path: Path, text: str) -> None:
    assert refusal(written(tmp_path, BASE + text)) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[parameters]\n" + "".join(f"wrong_{n} = 1\n" for n in range(20_000)), "parameters.wrong_0: .*unknown"),
        ("".join(f"wrong_{n} = 1\n" for n in range(20_000)), "wrong_0: unknown key"),
        ("[mechanisms]\n" + "".join(f"m{n} = true\n" for n in range(20_000)), "mechanisms.m0: unknown mechanism"),
        ("a" * 900_000 + " = 1\n", "a{100}…: unknown key"),
        (LEVER * 2_000, "levers: must have at most 200 entries"),
        (GRADED * 5, "levers: are 250 with their grades"),
        (LEVER + "scope = { cities = [{ x = 1 }] }\n", r"levers\[0\]\.scope\.cities|levers\[0\]"),
        ("x = " + "1" * 5_000, "a whole number has thousands of digits"),
        ("x = 0x" + "f" * 5_000, "a whole number has more than 64 bits"),
        ("x = " + "{x = " * 1_500 + "1" + "}" * 1_500, "is nested too deeply"),
        ("x" + ".x" * 400_000 + " = 1", "is nested too deeply"),
        ("[x" + ' . "x"' * 100_000 + "]", "is nested too deeply"),
        ("[x" + ".x" * 20 + "]\ny" + ".y" * 20 + " = 1\n", "is nested too deeply"),
        ('\\"""\n' * 150_000, r'\\""": is not valid TOML'),
        ("'''\n" * 150_001 + "'", "''': is not valid TOML"),
    ],
)
def test_scenarios_that_took_very_long_or_ended_in_a_traceback(tmp_path: Path, text: str, words: str) -> None:
    message = refusal(written(tmp_path, BASE + text))
    assert re.search(rf"mine\.toml:[345]: (?:{words})", message), message[:300]
    assert len(message.splitlines()) <= 101


def test_depth_counts_keys_and_brackets_but_no_texts(tmp_path: Path) -> None:
    deep = "x = " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    assert read(written(tmp_path, deep)).lines == {("x",): 1}
    texts = "".join(
        f"k{n} = {mark}{'[.' * 99}{mark} # {'{.' * 99}\n" for n, mark in enumerate(('"', "'", '"""', "'''"))
    )
    assert set(read(written(tmp_path, texts)).lines.values()) == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("reader", "text", "words"),
    [
        (
            load_design,
            f'title = "x"\n[[axes]]\nname = "wait_minutes"\nvalues = [{"20.5, " * 100_000}]\n',
            "5000 entries",
        ),
        (load_design, f'title = "x"\n{AXIS * 5_000}', "axes: must have at most 500 entries"),
        (load_design, f'title = "x"\nscenarios = [{'"status_quo", ' * 60_000}]\n', "at most 100 entries"),
        (load_design, f'title = "x"\n{"".join(f"k{n} = 1\n" for n in range(20_000))}', "k0: unknown key"),
        (check_targets, TITLES + TARGET * 5_000, "at most 1000 entries"),
        (check_targets, TITLES + "[[target]]\na = 1\n" * 10_000, "target[0].observable: is missing"),
        (load_priors, PRIOR.replace("wait_", "waiting_") * 5_000, "5,000 priors, and there are"),
        (scorecard.coefficients, "".join(f"[k{n}]\nvalue = 1\n" for n in range(20_000)), "k0: unknown coefficient"),
    ],
)
def test_other_files_that_took_very_long(
    tmp_path: Path, reader: Callable[[Path], object], text: str, words: str
) -> None:
    message = refusal(written(tmp_path, text), reader)
    assert words in message
    assert len(message.splitlines()) <= 101


def test_a_band_of_a_target_is_finite(tmp_path: Path) -> None:
    bands = "value = nan\nlow = -inf\nhigh = inf\nerror = 1e400\n"
    lines = refusal(written(tmp_path, TITLES + TARGET + bands), check_targets).splitlines()
    assert [line.removeprefix(f"{tmp_path}/").split(": ")[:2] for line in lines] == [
        [f"mine.toml:{7 + n}", f"target[0].{key}"] for n, key in enumerate(("value", "low", "high", "error"))
    ]


def test_a_prior_is_finite(tmp_path: Path) -> None:
    text = PRIOR.replace("high = 30", "high = inf").replace("uniform", "normal") + "mean = nan\nsd = inf\n"
    assert refusal(written(tmp_path, text), load_priors).count("finite number") == 3


@pytest.mark.parametrize("reader", READERS)
def test_only_plain_files_are_opened(tmp_path: Path, reader: Callable[[Path], object]) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    for path in (tmp_path / "pipe.toml", Path("/dev/zero"), Path("/dev/null")):
        assert "is no plain file but a pipe, a socket or a device" in refusal(path, reader)
    assert "Is a directory" in refusal(tmp_path, reader)
    assert "No such file" in refusal(tmp_path / "none.toml", reader)
    assert "no file can have this name" in refusal(Path("zero\0byte.toml"), reader)
    assert "too long" in refusal(Path("x" * 300 + ".toml"), reader)


def test_only_plain_files_hold_logs_and_draws(tmp_path: Path) -> None:
    for name in ("pipe.csv", "pipe.parquet"):
        os.mkfifo(tmp_path / name)
        assert "is no plain file" in refusal(tmp_path / name, lambda path: open_log(path, Reading()))
    assert "is no plain file" in refusal(tmp_path / "pipe.parquet", lambda path: uncertainty.load_draws(str(path)))
    assert "is no plain file" in refusal(Path("/dev/zero"), lambda path: uncertainty.load_draws(str(path)))


def test_names_that_no_file_can_have() -> None:
    for name in ("x" * 300, "x" * 5_000, "zero\0byte"):
        assert "unknown scenario" in refusal(Path(name))
        assert not stored.is_results(name)
        assert "no such set" in refusal(Path(name), lambda path: uncertainty.load_sets(str(path)))


@pytest.mark.parametrize("sign", [";;", "", "é", '"', "\n", "\0"])
def test_a_separator_is_one_sign(tmp_path: Path, sign: str) -> None:
    (tmp_path / "log.csv").write_text("sender;;recipient;;time\na;;b;;2026-03-02 09:15\n", encoding="utf-8")
    message = refusal(tmp_path / "log.csv", lambda path: open_log(path, Reading(separator=sign)))
    assert ("--separator" in message) == bool(sign)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TITLES + TARGET, "is a set of targets and no scenario; `offhours calibrate` reads targets"),
        (f'title = "x"\n{AXIS}', "is a sweep design and no scenario; `offhours sweep` reads designs"),
        (PRIOR, "is a file of priors and no scenario; `offhours calibrate` reads priors"),
        ("[roles]\n[population]\n[calendar]\n", "is a country and no scenario; scenarios name it"),
    ],
)
def test_check_says_of_which_other_kind_a_file_is(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError) as found:
        check.callback((str(path),), "en")
    assert str(found.value).startswith(f"{path}: {words}")


@pytest.mark.parametrize("reader", [load_design, check_targets, load_priors])
def test_a_scenario_is_nothing_else(tmp_path: Path, reader: Callable[[Path], object]) -> None:
    assert "is a scenario and no" in refusal(written(tmp_path, BASE), reader)
