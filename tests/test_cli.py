"""The command line: what it does, what it says, and how it ends."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.shell_completion import ShellComplete
from matplotlib.figure import Figure
from rich.cells import cell_len

from sim.cli import flags as options
from sim.cli import main as cli
from sim.core import control_groups
from sim.core.errors import ResultsError
from sim.core.notices import LOGGER
from sim.figures.words import language_in_force
from sim.files import storage as files
from sim.report import plots
from sim.runs import results as store
from sim.scenario import loading as scenario
from sim.scenario.memory import memory_at_hand
from tests.conftest import Call

LOG = Path(__file__).parent / "data" / "enron_sample.csv"
SMALL = """
title = "A small ban"
title_zh = "小禁令"
base = "status_quo"
inherit_levers = false
[run]
people = 60
years = 0.06
replicates = 2
warmup_days = 7
settling_weeks = 12
[population]
firm_size_median = 12
firm_size_max = 40
[[levers]]
kind = "ban"
channels = ["im"]
start = 2026-01-12
ramp_days = 3
phase = "ban"
scope = { industries = ["internet", "finance", "education"] }
"""

pytestmark = pytest.mark.usefixtures("few_messages")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small_ban.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the small scenario once for all tests that begin with its results."""
    folder = tmp_path_factory.mktemp("once")
    (folder / "small_ban.toml").write_text(SMALL, encoding="utf-8")
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["offhours", "run", "small_ban.toml", "--no-figures"])
        cli.main()
    signal.signal(signal.SIGTERM, handler)
    return folder / "results"


@pytest.fixture
def done(once: Path, tmp_path: Path) -> Path:
    """Copy the results of that run and the worlds they came from."""
    shutil.copytree(once, tmp_path / "results")
    return tmp_path / "results" / "small_ban"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def earlier_results(folder: Path) -> dict[str, bytes]:
    with store.replacing(folder) as draft:
        store.write(draft, {"people": pl.DataFrame({"person": [1]})}, {"scenario": "earlier"})
    return contents(folder)


# ---- without a simulation


def loaded(heavy: tuple[str, ...], *flags: str) -> subprocess.CompletedProcess[str]:
    """Run a command; what ends its errors is which of the heavy modules it has loaded."""
    code = "import sys\nfrom sim.cli.main import main\ntry: main()\n"
    code += f"finally: sys.exit(str([m for m in {heavy} if m in sys.modules]))"
    return subprocess.run([sys.executable, "-c", code, *flags], capture_output=True, text=True, check=False)


def test_help_is_quick_for_it_loads_nothing_heavy() -> None:
    heavy = ("numpy", "numba", "polars", "pydantic", "matplotlib", "scipy", "mesa")
    for flags in (["--help"], ["run", "--help"], ["--version"]):
        done = loaded(heavy, *flags)
        assert done.stderr.strip() == "[]"
        assert done.stdout


def test_a_misspelt_set_is_refused_before_what_a_fit_needs_is_loaded() -> None:
    for flags in (["survyed"], ["report", "--beside", "survyed"], ["survyed", "--ship"]):
        done = loaded(("numba", "mesa", "scipy.optimize", "scipy.stats"), "calibrate", *flags)
        assert done.stderr.splitlines()[1:] == ["[]"]
        assert "did you mean 'surveyed'?" in done.stderr


def test_results_are_verified_without_scipy(tmp_path: Path) -> None:
    with store.replacing(tmp_path / "made") as draft:
        store.write(draft, {"people": pl.DataFrame({"person": [1]})}, {"scenario": "x"})
    done = loaded(("scipy",), "fsck", str(tmp_path))
    assert (done.stderr.strip(), done.stdout.strip()) == ("[]", "2 files are intact; damaged: 0")


@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&- <&-"])
def test_a_command_whose_streams_are_closed_ends_as_it_should(closed: str) -> None:
    words = ["bash", "-c", f'"$0" -m sim check nothing {closed}', sys.executable]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 2


def test_sizes_of_the_model_are_refused_where_none_is_simulated(call: Call) -> None:
    done = call("observe", "log.csv", "--weeks", 8, "--lang", "zh")
    assert (done.code, done.err.strip()) == (2, "错误：--weeks: 只用于 --model")


@pytest.mark.parametrize("words", [("design", "quiet_hours", "--city-shock"), ("calibrate", "x", "--discrepancy")])
def test_what_is_no_number_lies_in_no_range(call: Call, words: tuple[str, ...]) -> None:
    done = call(*words, "nan", "--threads" if words[0] == "design" else "--workers", "0")
    assert done.code == 2
    assert "nan is not in the range 0<=x<=10" in done.err


def test_commands_have_a_short_help(call: Call) -> None:
    page = call("--help")
    assert page.code == 0
    assert "..." not in page.out.split("Commands:")[1]
    for name in ("run", "compare", "check", "verify", "targets", "schema", "list", "plot", "parameters"):
        assert re.search(rf"^  {name} ", page.out, re.MULTILINE)


def test_without_a_command_it_says_what_to_do_next(call: Call) -> None:
    page = call()
    assert (page.code, page.err) == (0, "")
    assert len(page.out.splitlines()) < 18
    assert max(map(len, page.out.splitlines())) <= 80
    for name in re.findall(r"^  offhours (\w+)", page.out, re.MULTILINE):
        assert name in cli.cli.commands


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("run pilot_ban_w", ["pilot_ban_without_substitutes"]),
        ("compare status_quo quiet", ["quiet_hours"]),
        ("run pilot_ban --parameters surveyed,re", ["surveyed,report"]),
        ("run pilot_ban --parameters point@0.2", ["point@0.2.0"]),
        ("sweep enforcement", ["enforcement_grid"]),
        ("scorecard results/sm", ["results/small_ban"]),
        ("plot mine/sm", ["mine/sm"]),
    ],
)
def test_the_shell_completes_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, typed: str, offered: list[str]
) -> None:
    (tmp_path / "results" / "small_ban").mkdir(parents=True)
    (tmp_path / "results" / "small_ban" / "manifest.json").touch()
    monkeypatch.chdir(tmp_path)
    words = typed.split()
    complete = ShellComplete(cli.cli, {}, "offhours", "_OFFHOURS_COMPLETE")
    assert [item.value for item in complete.get_completions(words[:-1], words[-1])] == offered


def test_the_language_may_stand_before_the_command(call: Call) -> None:
    guide, listed, wrong = call("--lang", "zh"), call("--lang", "zh", "list"), call("--lang", "zh", "plot", "nowhere")
    assert "几条规则" in guide.out
    assert max(map(cell_len, guide.out.splitlines())) <= 80
    assert listed.out == call("list", "--lang", "zh").out
    assert wrong.err.startswith("错误：没有文件夹 ")
    assert call("--lang", "zh", "list", "--lang", "en").out == call("list").out


@pytest.mark.parametrize("place", [0, 1])
def test_a_refused_command_leaves_no_language_behind(place: int, call: Call) -> None:
    """Click closes no context that it could not make; the option may stand before the command or after it."""
    before = list(LOGGER.filters)
    said = ["run", "pilot_ban", "--people", "many"]
    said[place:place] = ("--lang", "zh")
    assert call(*said).code == 2
    assert language_in_force() == "en"
    assert LOGGER.filters == before


def test_list_shows_every_scenario_with_its_title(call: Call) -> None:
    lines = call("list").out.splitlines()
    shown = [line.split()[0] for line in lines if line.startswith("  ")]
    assert sorted(shown) == scenario.names()
    headings = [line for line in lines if line and not line.startswith("  ")]
    assert headings == [english for english, _ in scenario.GROUPS.values()]
    assert any(line.endswith("Pilot ban in two cities") for line in lines)


@pytest.mark.parametrize("width", [80, 200])
def test_parameters_prints_the_table(call: Call, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """On a narrow console the value and the range of a parameter stand below its name, so that its meaning has room."""
    monkeypatch.setenv("COLUMNS", str(width))
    lines = call("parameters").out.splitlines()
    assert max(map(len, lines)) <= width
    place = next(number for number, text in enumerate(lines) if text.startswith("muted_share"))
    assert "mean share of group chats muted; [E1]" in lines[place]
    assert "0.6 share" in lines[place + (width == 80)]
    assert "0 to 1" in lines[place + (width == 80)]


def test_commands_on_tables_and_files_speak_chinese(call: Call, tmp_path: Path) -> None:
    table = call("--lang", "zh", "parameters").out
    assert re.split(r"[\s，]+", table)[:4] == ["参数", "取值", "范围", "含义"]
    assert "设为免打扰的群" in table
    lines = call("surveys", "--lang", "zh").out
    assert not re.search("[a-z]{3,} [a-z]", lines)
    assert "…" not in lines
    assert call("schema", "--lang", "zh").out == "已写出 scenario.schema.json\n"
    assert call("worlds", "--lang", "zh").out == "0 个模拟世界，0 个稳定状态的经济体，0.0 MB，位于 results/worlds\n"
    (tmp_path / "elsewhere.parquet").write_bytes(b"nothing")
    lines = call("fsck", "--lang", "zh", "elsewhere.parquet").out
    assert lines == "损坏：elsewhere.parquet：不是 Parquet 文件；请重新校准，或从原处取回\n0 个文件完好；损坏 1 个\n"


@pytest.mark.parametrize("command", ["parameters", "list", "surveys", "--help"])
def test_output_that_nobody_reads_is_no_mistake(call: Call, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """As in `offhours list | head -1`: shells call it 141."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        assert call(command) == (141, "", "")


def test_check_says_what_a_good_file_needs(call: Call, small: Path) -> None:
    done = call("check", "pilot_ban", small)
    assert (done.code, done.err) == (0, "")
    assert re.search(r"^pilot_ban: Pilot ban in two cities; 6 levers; a run needs about \d+\.\d GB$", done.out, re.M)
    assert "A small ban; 1 lever;" in done.out
    assert re.search(
        r"^pilot_ban：.*；6 个政策工具；运行约需内存 \d+\.\d GB$", call("check", "pilot_ban", "--lang", "zh").out
    )


def test_check_names_levers_without_strength_and_people_not_at_rest(call: Call, small: Path) -> None:
    small.write_text(small.read_text() + "strength = 0.0\n")
    assert call("check", small).out.endswith(": levers[0].strength: 0: ban does nothing\n")
    small.write_text('title = "Alone"\n')
    assert ": People began with the table's states" in call("check", small).out


def test_check_reports_every_mistake_of_every_file(call: Call, tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text('title = "x"\n[run]\npeopel = 1\nyears = 99\n')
    (tmp_path / "two.toml").write_text('title = "x"\ncompare_with = "nothing_like_it"\n')
    done = call("check", "one.toml", "status_quo", "two.toml")
    assert done.code == 2
    assert done.err.splitlines() == [
        "error: one.toml:3: run.peopel: unknown key; did you mean 'people'?",
        "error: one.toml:4: run.years: 99: must be at most 50",
        "error: two.toml:2: compare_with: 'nothing_like_it': no such scenario beside the file or in scenarios/; valid: "
        + ", ".join(sorted([*scenario.names(), "one", "two"])),
    ]
    assert done.out.startswith("status_quo: ")


def test_a_file_with_the_same_ending_alone_is_no_suggestion(call: Call, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    assert call("calibrate", "my set.toml").err == "error: my set.toml: cannot be read: No such file or directory\n"
    assert "did you mean 'pyproject.toml'?" in call("calibrate", "pyprojct.toml").err


def test_a_pipe_or_device_is_not_replaced_by_a_file(call: Call, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for command in (("schema",), ("report", "nowhere"), ("page", "nowhere"), ("export", "nowhere")):
        done = call(*command, "--out", tmp_path / "pipe")
        said = f"error: --out {tmp_path / 'pipe'}: is no plain file but a pipe, a socket or a device\n"
        assert (done.code, done.err) == (2, said)
    assert (tmp_path / "pipe").is_fifo()


def test_schema_is_written_here_or_where_it_is_wanted(call: Call, tmp_path: Path) -> None:
    for flags, file in (((), "scenario.schema.json"), (("--out", "mine/schema.json"), "mine/schema.json")):
        assert call("schema", *flags).out == f"wrote {file}\n"
        assert json.loads((tmp_path / file).read_text())["required"] == ["title"]
    refused = call("schema", "--out", "mine")
    assert (refused.code, refused.err) == (3, "error: cannot write mine: Is a directory\n")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "pilot_bam"], 2, "error: unknown scenario 'pilot_bam'; did you mean 'pilot_ban'?"),
        (["run", "nothing.toml"], 2, "error: nothing.toml: cannot be read: No such file or directory"),
        (["run", "../../etc/passwd"], 2, "error: ../../etc/passwd: cannot be read: No such file or directory"),
        (["run", "status_quo", "--people", "3"], 2, "error: --people 3: run.people: 3: must be at least 20"),
        (["run", "status_quo", "--people", "many"], 2, "Error: Invalid value for '--people'"),
        (["run", "status_quo", "--years", "0"], 2, "error: --years 0.0: run.years: 0.0: must be at least 0.02"),
        (["run", "status_quo", "--seed", "-1"], 2, "error: --seed -1: run.seed: -1: must be at least 0"),
        (["run", "status_quo", "--threads", "0"], 2, "Error: Invalid value for '--threads'"),
        (["run", "pilot_ban", "--people", "100000000000"], 2, "would need about"),
        (
            ["run", "pilot_ban", "--years", "0.1"],
            2,
            "with the years needed: pilot_ban (0.68); the least that suits all of them is --years 0.68",
        ),
        (
            ["compare", "status_quo", "australia_2024", "staged_ban", "pilot_ban", "--years", "1"],
            2,
            "australia_2024 (1.52), staged_ban (5.75); the least that suits all of them is --years 5.75",
        ),
        (["compare", "status_quo"], 2, "Error: Missing argument 'SCENARIO...'"),
        (["compare", "status_quo", "status_quo"], 2, "error: a comparison holds each scenario once"),
        (
            ["compare", "status_quo", "quiet_ours", "pilot_bam"],
            2,
            "error: unknown scenario 'quiet_ours'; did you mean 'quiet_hours'?\n"
            "error: unknown scenario 'pilot_bam'; did you mean 'pilot_ban'?\n",
        ),
        (["plot", "nowhere"], 3, "there is no folder "),
        (["replicate", "--all", "fitz"], 2, "error: --all: takes all experiments: leave out fitz"),
        (["rum"], 2, "Error: No such command 'rum'"),
    ],
)
def test_a_mistake_gives_one_message_and_a_code(call: Call, arguments: list[str], code: int, message: str) -> None:
    done = call(*arguments)
    assert done.code == code
    assert message in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


WARNING = """
import logging, sys, click
from sim.cli import main
main.cli.add_command(click.Command("warn", callback=lambda: logging.getLogger("sim.some").warning("a word " * 20)))
sys.argv = ["offhours", "warn"]
main.main()
"""
COMPARE = ("-m", "sim", "compare", "status_quo", "australia_2024", "staged_ban", "--years", "1")


@pytest.mark.parametrize(
    ("words", "stream"),
    [
        ((*COMPARE, "--lang", "en"), "stderr"),
        ((*COMPARE, "--lang", "zh"), "stderr"),
        (("-c", WARNING), "stderr"),
        (("-m", "sim", "fsck", "{file}"), "stdout"),
    ],
)
def test_a_terminal_gets_lines_of_its_width_and_a_program_a_line_for_each_sentence(
    words: tuple[str, ...], stream: str, tmp_path: Path
) -> None:
    """Errors, what the package says by the way, and what is damaged."""
    import fcntl
    import pty
    import struct
    import termios

    file = tmp_path / "a_file_of_draws_that_is_none.parquet"
    file.write_text("no table")
    words = (sys.executable, *(word.replace("{file}", str(file)) for word in words))
    about: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    about |= {"cwd": Path(cli.__file__).parents[2]}
    piped = subprocess.run(words, check=False, **about | {stream: subprocess.PIPE})
    line, *_ = getattr(piped, stream).decode().splitlines()
    assert cell_len(line) > 80
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    done = subprocess.run(words, check=False, env=environment, **about | {stream: theirs})
    os.close(theirs)
    assert done.returncode == piped.returncode
    shown = os.read(ours, 1 << 16).decode().splitlines()
    os.close(ours)
    shown = [text.rstrip() for text in shown if text.strip() and str(file) not in text]
    assert len(shown) > 1
    assert max(map(cell_len, shown)) <= 60
    if stream == "stderr":
        assert "".join(shown).replace(" ", "") == line.replace(" ", "")


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_simulated(call: Call, small: Path) -> None:
    started = time.monotonic()
    done = call("run", small, "--out", small)
    assert done.code == 3
    assert re.match(r"error: .*/small_ban\.toml is a file; a folder is needed there$", done.err)
    assert time.monotonic() - started < 20


def test_what_is_no_results_folder_is_not_replaced(call: Call, small: Path, tmp_path: Path) -> None:
    (tmp_path / "results" / "small_ban").mkdir(parents=True)
    (tmp_path / "results" / "small_ban" / "thesis.md").write_text("precious")
    done = call("run", small)
    assert done.code == 3
    assert "holds something else than results and is not replaced" in done.err
    assert (tmp_path / "results" / "small_ban" / "thesis.md").read_text() == "precious"


# ---- with one


def test_run_leaves_a_whole_results_folder_and_prints_the_difference(
    call: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {name: plots.REGISTRY["run"][name] for name in ("timeline", "heatmap", "effects", "displacement")}
    monkeypatch.setitem(plots.REGISTRY, "run", shown)
    done = call("run", small, "--threads", 2, "--seed", 11)
    assert done.code == 0, done.err
    results = store.read(tmp_path / "results" / "small_ban")
    manifest = results.manifest
    assert set(manifest["tables"]) == {
        "people", "firms", "person_week", "firm_week", "hours", "message_sample", "effects", "displacement", "work",
        "drift",
    }  # fmt: skip
    assert (manifest["scenario"], manifest["counterfactual"], manifest["seed"]) == ("small_ban", "status_quo", 11)
    assert (manifest["people"], manifest["weeks"], manifest["replicates"]) == (60, 3, 2)
    assert set(manifest["sha256"]) == {"small_ban", "status_quo"}
    assert {"python", "numpy", "numba", "mesa", "polars", "offhours"} <= set(manifest["versions"])
    assert manifest["resolved"]["levers"][0]["kind"] == "ban"
    assert manifest["phases"] == [{"label": "ban", "start": "2026-01-12", "end": "2026-01-26", "ramp_days": 3}]
    weeks = pl.read_parquet(tmp_path / "results" / "small_ban" / "person_week")  # as anybody else would read it
    assert weeks["world"].unique().sort().to_list() == ["small_ban", "status_quo"]
    assert weeks.height == manifest["tables"]["person_week"]["rows"]
    assert results.tables["effects"]["spill"].max() == 0.0
    figures = sorted(path.name for path in (tmp_path / "results" / "small_ban" / "figures").iterdir())
    assert {path.split(".")[1] for path in figures} == {"png", "svg"}
    assert {path.split(".")[0] for path in figures} == shown.keys()
    text = (tmp_path / "results" / "small_ban" / "summary.txt").read_text()
    assert "A small ban" in text
    assert "A small ban" in done.out
    assert "Simulating status_quo and small_ban: 60 people, 0.06 years, 2 replicates, 2 threads" in done.err
    assert "small_ban: weeks 8 of 8" in done.err
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == ["small_ban", "worlds"]

    (tmp_path / "results" / "small_ban" / "figures" / "effects.png").unlink()
    monkeypatch.setitem(plots.REGISTRY, "run", {"effects": plots.REGISTRY["run"]["effects"]})
    again = call("plot", tmp_path / "results" / "small_ban")
    assert again.code == 0, again.err
    assert (tmp_path / "results" / "small_ban" / "figures" / "effects.png").is_file()


def test_run_of_a_scenario_that_is_compared_with_nothing(call: Call, small: Path, tmp_path: Path) -> None:
    small.write_text(SMALL.replace("title =", 'compare_with = "small_ban"\ntitle ='), encoding="utf-8")
    done = call("run", small, "--no-figures", "--replicates", 1)
    assert done.code == 0, done.err
    results = store.read(tmp_path / "results" / "small_ban")
    assert results.manifest["counterfactual"] is None
    assert "effects" not in results.tables
    assert "compared with nothing" in done.out
    assert not (tmp_path / "results" / "small_ban" / "figures").exists()


def test_compare_puts_several_scenarios_on_one_economy(call: Call, small: Path, tmp_path: Path) -> None:
    (tmp_path / "today.toml").write_text(SMALL.split("[[levers]]", maxsplit=1)[0].replace("A small ban", "Today"))
    (tmp_path / "nudge.toml").write_text(
        'title = "Nudge"\n[run]\npeople = 500\n[[levers]]\nkind = "quiet_hours"\nmode = "nudge"\n'
    )
    done = call("compare", "today.toml", small, "nudge.toml", "--no-figures", "--replicates", 1)
    assert done.code == 0, done.err
    both = store.read(tmp_path / "results" / "compare_today_small_ban_nudge")
    assert (both.manifest["kind"], both.manifest["scenarios"]) == ("comparison", ["small_ban", "nudge"])
    assert both.manifest["people"] == 60
    assert both.tables["effects"]["scenario"].unique().sort().to_list() == ["nudge", "small_ban"]
    assert both.tables["effects"]["spill"].max() == 0.0


def test_compare_under_several_sets_lays_them_side_by_side(
    call: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of draws under which nobody acts after hours, beside the table's values: results of each, and of both."""
    monkeypatch.setitem(plots.REGISTRY, "run", {})  # the figures of each alone are looked at elsewhere
    monkeypatch.setitem(plots.REGISTRY, "readings", {"NAME/readings": plots.REGISTRY["readings"]["NAME/readings"]})
    today = tmp_path / "status_quo.toml"  # of the same economy: the run below uses the worlds of the comparison
    today.write_text(
        SMALL.split("[[levers]]", maxsplit=1)[0].replace('base = "status_quo"\ninherit_levers = false\n', "")
    )
    pl.DataFrame({"act_base": [-6.0, -5.0], "act_expectation": [0.0, 0.0]}).write_parquet(tmp_path / "quiet.parquet")
    flags, opened, read = ("--no-figures", "--out", "results", "--name", "whose"), [], store.read
    monkeypatch.setattr(store, "read", lambda folder, **how: opened.append(folder.parent.name) or read(folder, **how))
    done = call("compare", today, small, "--years", 0.06, "--people", 60, "--replicates", 1, "--parameters",
                f"point,{tmp_path / 'quiet.parquet'}", *flags,
                "--precision", "hidden_overtime=0.01", "--max-replicates", 1)  # fmt: skip
    assert (done.code, opened.count("results")) == (0, 3), done.err  # two sets and both together, each read once
    assert " ".join(done.out.split()).count("Precision not reached with 1 replicate, the most allowed") == 2
    assert "1 of 2: parameters of point, into results/whose_point" in done.err
    said = "evidence: “A small ban (small_ban)” against “A small ban (status_quo)”, under point and quiet"  # one title
    assert said in " ".join(done.out.split())
    assert "scenarios compared with" not in done.out  # the summary of each stays in its folder
    made = {name: store.read(tmp_path / "results" / f"whose{name}") for name in ("_point", "_quiet", "_point_quiet")}
    assert made["_point"].manifest["uncertainty"]["name"] == "point"
    assert made["_quiet"].manifest["uncertainty"]["name"] == "quiet"
    both = made["_point_quiet"]
    assert [each["folder"] for each in both.manifest["readings"]] == ["whose_point", "whose_quiet"]
    for name in ("_point", "_quiet"):
        mine = both.tables["readings"].filter(reading=name[1:]).select("scenario", "outcome", "difference", "low")
        theirs = made[name].tables["effects"].filter(group="all").select("scenario", "outcome", "difference", "low")
        assert mine.equals(theirs)
    assert (tmp_path / "results" / "whose_point_quiet" / "summary.txt").read_text().startswith("Robustness")
    again = call("run", small, "--years", 0.06, "--people", 60, "--replicates", 1, "--out", "results", "--parameters",
                 f"point,{tmp_path / 'quiet.parquet'}")  # fmt: skip
    assert again.code == 0, again.err
    both = store.read(tmp_path / "results" / "small_ban_point_quiet")
    assert both.manifest["titles"].keys() == {"small_ban", "status_quo"}
    assert (both.folder / "figures" / "small_ban" / "readings.png").is_file()
    plotted = call("plot", tmp_path / "results" / "small_ban_point_quiet")
    assert "readings.svg" in plotted.out
    wrong = call("compare", "status_quo", small, "--parameters", "surveyed,posterior")
    assert (wrong.code, wrong.out) == (2, "")
    assert "posterior holds the same as surveyed" in wrong.err


def test_compare_of_a_pair_says_the_same_as_run(call: Call, small: Path, tmp_path: Path) -> None:
    (tmp_path / "status_quo.toml").write_text(
        SMALL.split("[[levers]]", maxsplit=1)[0].replace('base = "status_quo"\ninherit_levers = false\n', "")
    )
    assert call("run", small, "--no-figures").code == 0
    assert call("compare", tmp_path / "status_quo.toml", small, "--no-figures").code == 0
    one, other = (
        store.read(tmp_path / "results" / name).tables["effects"]
        for name in ("small_ban", "compare_status_quo_small_ban")
    )
    assert one.equals(other)


def test_targets_are_printed_and_both_sets_are_stored(call: Call, tmp_path: Path) -> None:
    done = call("targets", "--people", 20, "--years", 0.04, "--replicates", 1, "--set", "audited")
    assert done.code == 0, done.err
    assert "calibrated targets lie within their band" in done.out
    stored = store.read(tmp_path / "results" / "targets")
    assert set(stored.tables) == {"report", "audited", "surveyed", "tensions"}
    gone = stored.tables["report"].filter(observable="hidden_overtime_without_expectation")["observed"]
    assert gone.null_count() == 0  # the worlds that some targets need beside today's were simulated


@pytest.mark.parametrize(("sound", "code"), [(True, 0), (False, 1)])
def test_verify_ends_with_a_code(call: Call, monkeypatch: pytest.MonkeyPatch, sound: bool, code: int) -> None:
    monkeypatch.setattr("sim.verify.verify", lambda _: sound)
    assert call("verify").code == code


def test_a_disk_that_fills_up_leaves_the_earlier_result(
    call: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = earlier_results(tmp_path / "results" / "small_ban")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.write", full)
    done = call("run", small, "--no-figures", "--replicates", 1)
    assert done.code == 3
    assert done.err.splitlines()[-1].endswith("No space left on device; earlier results are as they were")
    assert contents(tmp_path / "results" / "small_ban") == earlier
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == ["small_ban", "worlds"]
    assert not list((tmp_path / "results" / "worlds").iterdir())


def test_figures_that_fail_do_not_cost_the_tables(
    call: Call, small: Path, done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worlds are there, the results are not; the next command can be typed where the folder has blanks."""
    shutil.rmtree(done)
    done.parent.rename("my results")

    def draw_all(*_: object, **__: object) -> None:
        raise ResultsError("no ink")

    monkeypatch.setattr("sim.report.plots.draw_all", draw_all)
    ended = call("run", small, "--out", "my results")
    assert ended.code == 3
    assert ended.err.splitlines()[-1] == (
        "error: figures could not be drawn: no ink; the tables are complete, "
        "`offhours plot 'my results/small_ban'` tries again"
    )
    assert "A small ban" in ended.out
    assert "effects" in store.read(Path("my results/small_ban")).tables
    assert (
        "`offhours plot 'my results/small_ban'` 重试" in call("run", small, "--out", "my results", "--lang", "zh").err
    )


def test_commands_that_are_offered_quote_folders(call: Call, small: Path, done: Path) -> None:
    done.parent.rename("mine [1]")
    out = ("--no-figures", "--out", "mine [1]")
    for *command, made in (
        ("run", small, *out, "mine [1]/small_ban"),
        ("compare", small, "no_instant_messaging", *out, "mine [1]/compare_small_ban_no_instant_messaging"),
        ("observe", LOG, "--zone", "America/Chicago", *out, "mine [1]/observe_enron_sample/targets.toml"),
    ):
        for language in ("en", "zh"):
            said = call(*command, "--lang", language)
            assert said.code == 0, said.err
            offered = re.findall("`offhours ([^`]+)`", said.out)
            assert [shlex.split(each)[1] for each in offered] == [made]
            assert Path(made).exists()


def test_damaged_results_are_refused_with_one_message(call: Call, tmp_path: Path) -> None:
    earlier_results(tmp_path / "results" / "x")
    table = tmp_path / "results" / "x" / "people.parquet"
    table.write_bytes(b"PAR2" + table.read_bytes()[4:])
    done = call("plot", tmp_path / "results" / "x")
    assert done.code == 3
    (line,) = done.err.splitlines()
    assert re.match(r"error: .*/people\.parquet is damaged: its checksum differs", line)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_the_earlier_result(small: Path, tmp_path: Path, number: int, code: int) -> None:
    """The run is far too long to end by itself; the signal comes in the middle of the simulation."""
    small.write_text(SMALL.replace("years = 0.06", "years = 50"))
    earlier = earlier_results(tmp_path / "results" / "small_ban")
    at_once = (
        "from sim.cli.main import main; from sim.report import progress; progress.SECONDS_BETWEEN_LINES = 0.0; main()"
    )
    command = [sys.executable, "-c", at_once, "run", str(small), "--threads", "2"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = [process.stderr.readline()]
        while not re.search(r"status_quo: weeks \d+ of", said[-1]):
            said.append(process.stderr.readline())
            assert said[-1], f"the run ended by itself: {said}"
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
    assert process.returncode == code
    assert out == ""
    assert "Traceback" not in err
    assert err.splitlines()[-1] == "interrupted: what was stored is kept; repeat the command to go on"
    assert contents(tmp_path / "results" / "small_ban") == earlier
    assert sorted(os.listdir(tmp_path / "results")) == ["small_ban", "worlds"]
    kept = os.listdir(tmp_path / "results" / "worlds")
    assert all(name.startswith("settled-") for name in kept)  # people at rest, no world


@pytest.mark.usefixtures("done")
def test_worlds_are_listed_and_pruned(call: Call, small: Path, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "results" / "small_ban")
    again = call("run", small, "--no-figures")
    assert "small_ban: all 2 replicates, reused from results/worlds" in again.err
    assert "Simulating" not in again.err
    more = call("run", small, "--no-figures", "--replicates", 3)
    assert "Simulating status_quo and small_ban: 60 people, 0.06 years, 3 replicates" in more.err
    assert "status_quo and small_ban: 2 of 3 replicates, reused from results/worlds" in more.err
    listed = call("worlds")
    assert listed.out.count(" current  A small ban") == 3
    assert call("worlds", "--lang", "zh").out.count("小禁令") == 3
    assert re.search(r"^6 worlds, 3 economies at rest, \d+\.\d MB, in results/worlds$", listed.out, re.M)
    damaged = next((tmp_path / "results" / "worlds").glob("small_ban-r1-*"))
    (damaged / "firms.parquet").unlink()
    shutil.rmtree(tmp_path / "results" / "small_ban")
    refused = call("run", small, "--no-figures")
    assert refused.code == 3
    assert re.search(r"firms\.parquet is missing; delete .* or run `offhours worlds --prune --out \S+`", refused.err)
    assert "deleted: 1 world, 0 economies at rest," in call("worlds", "--prune").out
    assert not damaged.exists()
    assert call("run", small, "--no-figures").code == 0


@pytest.mark.parametrize("name", ["worlds", "evaluations", "sweeps"])
def test_results_do_not_take_the_place_of_simulations(call: Call, tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.toml").write_text(SMALL.replace("[run]", f'name = "{name}"\n[run]', 1))
    done = call("run", f"{name}.toml", "--no-figures")
    said = "the folder of that name keeps simulations, and cannot be one of results"
    assert (done.code, done.err) == (2, f"error: {name}: {said}\n")
    assert not (tmp_path / "results").exists()


def test_worlds_are_not_looked_for_in_a_file(call: Call, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    done = call("worlds", "--out", "notes.txt")
    assert (done.code, done.err) == (3, "error: notes.txt is a file; a folder is needed there\n")


@pytest.mark.usefixtures("done")
def test_what_was_made_of_results_stays_beside_the_same_and_goes_with_others(
    call: Call, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(plots.REGISTRY, "run", {"effects": plots.Drawing(lambda *_: Figure(), paired=True)})
    folder = tmp_path / "results" / "small_ban"
    results = store.read(folder)
    made = [folder / "figures" / f"{each.name}.png" for each in plots.planned(results.tables, results.manifest)]
    made += [folder / name for name in ("report.html", "export/latex/pays.tex")]
    for path in made:  # figures in Chinese, say
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"drawn")
    for option in ((), ("--no-figures",)):
        again = call("run", small, *option)
        assert "results/small_ban already has these results, made by this version" in again.err
        assert {path.read_bytes() for path in made} == {b"drawn"}
        assert again.out.splitlines()[0] in (folder / "summary.txt").read_text(encoding="utf-8")
    (folder / "summary.txt").write_text("in another language")
    with monkeypatch.context() as full:

        def refuse(*_: object) -> None:
            raise OSError(28, "No space left on device")

        full.setattr(files, "write_text", refuse)
        again = call("run", small)
    assert again.code == 3
    assert "No space left on device" in again.err
    assert "burnt out" in call("run", small).out
    assert "burnt out" in (folder / "summary.txt").read_text(encoding="utf-8")
    (folder / "effects.parquet").write_bytes(b"damaged")  # then all is computed again
    for option in ((), ("--no-figures",)):
        again = call("run", small, *option)
        assert {path.read_bytes() for path in made} == {b"drawn"}, again.err
        assert ("the results are the same, and what was made of them" in again.err) is (option == ())
        assert "Drawing" not in again.err
    for module in ("results", "reuse"):  # as if another version had made them
        monkeypatch.setattr(f"sim.runs.{module}.versions", lambda: {"offhours": "0"})
    assert "Drawing" in call("run", small).err
    assert [path.read_bytes() == b"drawn" for path in made] == [path.suffix != ".png" for path in made]
    other = call("run", small, "--no-figures", "--replicates", 1)
    assert not any(path.exists() for path in made)
    assert "results/small_ban is removed: export, figures, report.html" in other.err


@pytest.mark.usefixtures("done")
def test_the_scorecard_of_a_single_run_is_drawn(call: Call, tmp_path: Path) -> None:
    done = call("scorecard", "results/small_ban")
    assert done.code == 0, done.err
    assert (tmp_path / "results" / "scorecard_small_ban" / "figures" / "small_ban" / "scorecard.png").is_file()


@pytest.mark.usefixtures("done")
def test_explain_switches_mechanisms_in_both_worlds(call: Call, small: Path, tmp_path: Path) -> None:
    refused = call("explain", small, "--only", "expectations")
    assert refused.code == 2
    assert "--only expectations: unknown mechanism; did you mean 'expectation'?" in refused.err
    before = len(list((tmp_path / "results" / "worlds").iterdir()))  # on the same draws: worlds of the run are used
    done = call("explain", small, "--only", "expectation", "--no-figures", "--replicates", 1)
    assert done.code == 0, done.err
    assert "status_quo: all 1 replicate" not in done.err  # nothing is announced that is not simulated
    assert "2 of 2: switched off: expectation to answer" in done.err
    assert "what its effect against “Today's rules” consists of" in " ".join(done.out.split())
    assert "Parameters: draw 1 of 1,000 of “surveyed”" in " ".join(done.out.split())
    made = store.read(tmp_path / "results" / "explain_small_ban")
    assert made.manifest["kind"] == "explanation"
    assert call("run", small, "--no-figures", "--replicates", 1).code == 0  # of the same worlds
    table, effects = made.tables["explanation"], store.read(tmp_path / "results" / "small_ban").effects
    assert table["mechanism"].unique(maintain_order=True).to_list() == ["all", "expectation"]
    both = table.filter(mechanism="all").join(effects.filter(group="all"), on="outcome")
    assert both.height == table.height / 2
    assert both["effect"].to_list() == pytest.approx(both["difference"].to_list(), abs=1e-9)
    assert (both["effect"] != 0).any()
    assert len(list((tmp_path / "results" / "worlds").iterdir())) == before + 3


@pytest.mark.usefixtures("done")
def test_results_stand_for_their_scenario_only_where_they_can_be_paired(call: Call, tmp_path: Path) -> None:
    quick = ("--no-figures", "--replicates", 1)
    (tmp_path / "nudge.toml").write_text(SMALL.split("[[levers]]", maxsplit=1)[0].replace("A small ban", "Nudge"))
    (tmp_path / "other.toml").write_text(SMALL.replace("people = 60", "people = 61"))
    (tmp_path / "settled.toml").write_text(SMALL.replace("weeks = 12", "weeks = 20"))
    folder = tmp_path / "results" / "small_ban"
    done = call("compare", "nudge.toml", folder, *quick, "--name", "mine")
    assert done.code == 0, done.err
    assert "small_ban: all 1 replicate, " in done.err
    assert store.read(tmp_path / "results" / "mine").manifest["scenarios"] == ["small_ban"]
    for arguments, reason in (
        (("nudge.toml", folder, "--seed", 3), r"another seed \(20261125 against 3\)"),
        (("other.toml", folder), r"another number of people \(60 against 61\)"),
        (("settled.toml", folder), r"another settling \(12 against 20\)"),
        (("nudge.toml", folder, "--years", 0.2), r"another number of years \(0.06 against 0.2\)"),
        (
            ("nudge.toml", tmp_path / "results" / "mine"),
            "holds results of the kind 'comparison', and only results of `offhours run`",
        ),
    ):
        refused = call("compare", *arguments, *quick)
        assert refused.code == 3
        assert re.search(reason, refused.err), refused.err
    files.write_json(folder / "manifest.json", files.read_json(folder / "manifest.json") | {"engine": "f" * 64})
    refused = call("compare", "nudge.toml", folder, *quick)
    assert "was simulated by another version of the engine" in refused.err
    assert "is a folder of results; a scenario is a name" in call("run", folder).err
    folder.rename(tmp_path / "status_quo")
    assert call("check", "status_quo").code == 0
    assert "of the kind 'run'" not in call("compare", "status_quo", "nudge.toml", "--years", 99).err
    assert "was simulated by another version" in call("compare", "./status_quo", "nudge.toml").err


@pytest.mark.parametrize("command", [("evaluate", "pilot_ban"), ("design", "pilot_ban"), ("targets",)])
@pytest.mark.parametrize("size", ["people", "years", "replicates"])
def test_a_size_of_nothing_is_refused_and_not_taken_for_none(command: tuple[str, ...], size: str, call: Call) -> None:
    done = call(*command, f"--{size}", 0)
    assert done.code == 2
    assert re.search(rf"run.{size}: 0(.0)?: must be at least", done.err), done.err


def test_a_pilot_too_large_for_memory_is_refused_before_the_simulation(call: Call) -> None:
    done = call("design", "pilot_ban", "--cities", f"1,{10**20}")
    assert done.code == 2
    assert "people would be asked in a pilot, and at most 1,000,000 can be" in done.err


def test_compare_refuses_what_makes_no_sense(call: Call, small: Path) -> None:
    for flag, message in (
        (("--name", "worlds"), "the folder of that name keeps simulations"),
        (("--name", "../up"), "a name may hold only a-z, 0-9 and _"),
        (("--precision", "burnout=0.1"), "unknown outcome 'burnout'"),
        (("--precision", "waiting=0.1", "--max-replicates", 1), "fewer than the 2 replicates to begin with"),
        (("--max-replicates", 4), "--max-replicates: is only for --precision"),
    ):
        done = call("compare", small, "placebo", "--years", 1, *flag)
        assert done.code == 2
        assert message in done.err
    late = call("compare", small, "placebo", "--years", 0.1)
    assert re.search(r"--years 0.1: .* placebo \(.*the least that suits all of them is --years", late.err)
    nobody = 'title = "x"\n[[levers]]\nkind = "quiet_hours"\nmode = "nudge"\nscope = { size_min = 200 }\n'
    small.with_name("nobody.toml").write_text(nobody)
    assert "matches nobody: the largest firm has 40 people" in call("compare", small, "nobody.toml").err


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the control group of a job of this process, on a machine with eight cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(control_groups, "GROUPS", tmp_path)
    monkeypatch.setattr(control_groups, "OWN", tmp_path / "own")
    control_groups.OWN.write_text("1:cpu:/elsewhere\n0::/slurm/job\n", encoding="utf-8")
    folder = tmp_path / "slurm" / "job"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    ("quota", "cores"),
    [("200000 100000", 2), ("150000 100000", 2), ("20000 100000", 1), ("1600000 100000", 8), ("max 100000", 8)],
)
def test_no_more_cores_are_used_than_a_job_or_container_has(job: Path, quota: str, cores: int) -> None:
    (job / "cpu.max").write_text(f"{quota}\n", encoding="ascii")
    assert options.usable_cores() == cores


def test_the_lowest_limit_of_a_job_and_of_what_it_is_part_of_counts(job: Path) -> None:
    assert options.usable_cores() == 8
    whole = memory_at_hand()
    (job / "memory.max").write_text("max\n", encoding="ascii")
    assert memory_at_hand() == whole
    (job / "memory.max").write_text("30000000\n", encoding="ascii")
    assert memory_at_hand() == 30_000_000
    (job.parent / "memory.max").write_text("20000000\n", encoding="ascii")
    (job.parent / "cpu.max").write_text("300000 100000\n", encoding="ascii")
    assert memory_at_hand() == 20_000_000
    assert options.usable_cores() == 3
    control_groups.OWN.unlink()
    assert (memory_at_hand(), options.usable_cores()) == (whole, 8)
