"""The commands of the Makefile: only what is given on its command line counts, whatever the shell has set."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from unicodedata import east_asian_width

import pytest

from sim.cli.main import COMMANDS
from sim.core.parameter_sets import DEFAULT

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "Makefile").read_text(encoding="utf-8")
GIVEN = set(re.findall(r"\$\((?:if |or |call needs,)*(?:\$\()?([A-Z]+)[),]", TEXT)) - {"MAKECMDGOALS"}
SHOW = "include Makefile\nshow:\n\t@env\n"


def made(*arguments: str, shell: Mapping[str, str] | None = None, makefile: str = "include Makefile\n") -> str:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    return subprocess.run(
        ["make", "--no-print-directory", "-f", "-", *arguments],
        cwd=ROOT, env=ours | dict(shell or {}), input=makefile, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def test_every_variable_of_the_recipes_is_known_to_the_rule_and_to_the_help() -> None:
    listed = re.search(r"^given := ((?:.*\\\n)*.*)$", TEXT, re.MULTILINE)
    assert listed
    assert set(listed[1].replace("\\", "").split()) == GIVEN
    assert {"LANGUAGE", "NAME", "FLAGS", "ZONE"} < GIVEN
    told = "".join(re.findall(r"^(?:# .*|[a-z-]+:.*##.*)$", TEXT, re.MULTILINE))
    assert [name for name in sorted(GIVEN) if f"{name}=" not in told] == []


def test_the_help_fits_a_terminal_of_80_columns_and_lists_every_target() -> None:
    shown = made("help")
    assert [line for line in shown.splitlines() if len(line) > 80 or line.endswith(" ")] == []
    assert "make scenario SCENARIO=pilot_ban" in shown.splitlines()[1]
    targets = re.findall(r"^([a-z-]+):.*## ", TEXT, re.MULTILINE)
    assert re.findall(r"^  make (\S+)", shown, re.MULTILINE) == targets
    variables = re.findall(r"^  ([A-Z]+)=", shown, re.MULTILINE)
    assert len(variables) == len(set(variables)) > 20


def test_the_chinese_help_has_the_commands_and_variables_of_the_english_one_in_their_order() -> None:
    english, chinese = made("help"), made("help", "LANGUAGE=zh")
    assert max(sum(1 + (east_asian_width(sign) in "WF") for sign in line) for line in chinese.splitlines()) <= 80
    of_users = [name for name in re.findall(r"^  make (\S+)", english, re.MULTILINE) if f"\n{name}: dev" not in TEXT]
    names = re.findall(r"^  make (\S+)", chinese, re.MULTILINE)
    assert [*names, "check", "clean"] == of_users
    variables = [re.findall(r"^  ([A-Z]+)=", shown, re.MULTILINE) for shown in (english, chinese)]
    assert [name for name in variables[0] if name not in {"CASES", "STRICT", "PARTS"}] == variables[1]


@pytest.mark.parametrize("flag", [(), ("--environment-overrides",)])
def test_variables_of_the_shell_change_no_command(flag: tuple[str, ...]) -> None:
    foreign = dict.fromkeys(GIVEN, "foreign")
    targets = ("calibrate", "targets", "scenarios", "sensitivity", "SCENARIO=a")
    assert made("-n", *flag, *targets, shell=foreign) == made("-n", *targets)
    for target, needed in (("plot", "FOLDER"), ("compare", "SCENARIOS"), ("observe", "LOG"), ("sweep", "DESIGN")):
        clean = made("-n", target, f"{needed}=mine", "OUT=there")
        assert made("-n", *flag, target, f"{needed}=mine", "OUT=there", shell=foreign) == clean
        assert "mine" in clean
    assert "--lang 'zh'" in made("-n", *flag, "plot", "FOLDER=mine", "LANGUAGE=zh", shell=foreign)


def test_a_target_passes_on_every_variable_whether_its_command_has_an_option_for_it_or_not() -> None:
    """Else a variable would change nothing, without a word; what a command has no option for it refuses."""
    same = ("PEOPLE", "YEARS", "REPLICATES", "SEED", "PARAMETERS", "OUT", "WORKERS", "THREADS", "WITH", "BACKEND")
    more = ("ZONE", "POINTS", "TRAJECTORIES", "DRAWS", "NAME", "CHECK", "FULL", "PRECISION")
    flags = {name: f"--{name.lower()}" for name in (*same, *more)}
    flags |= {"LANGUAGE": "--lang", "DRY": "--dry-run", "LEVERS": "--lever"}
    takers = {name: targets.split() for name, targets in re.findall(r"^for_([A-Z]+) := (.*)$", TEXT, re.MULTILINE)}
    options = {each for command in COMMANDS for option in command.params for each in option.opts}
    assert set(flags.values()) <= options
    targets = 0
    for target in re.findall(r"^([a-z-]+):.*## ", TEXT, re.MULTILINE):
        needed = [f"{name}=x" for name in (*flags, *(name for name, those in takers.items() if target in those))]
        if " bin/offhours " in (recipe := made("-n", target, *needed).replace(".venv/", " ")):
            assert {flag for flag in flags.values() if f"{flag} " not in recipe} == set(), target
            targets += 1
    assert targets > 20


@pytest.mark.parametrize("given", ["PEOPLES=60", "scenario=quiet_hours"])
def test_a_variable_that_no_target_knows_is_an_error(given: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as found:
        made("-n", "scenario", "SCENARIO=quiet_hours", given)
    assert f"unknown variable {given.partition('=')[0]};" in found.value.stderr
    assert "offhours list" in made("-n", "scenarios", "PYTHON=python3", "SHELL=/bin/sh")


@pytest.mark.parametrize(
    ("target", "taken", "other"),
    [
        ("study", "DESIGN", "SCENARIO"), ("scenario", "SCENARIO", "SET"), ("sweep", "DESIGN", "LOG"),
        ("plot", "FOLDER", "SCENARIOS"), ("test", "OUT", "PARTS"), ("bench", "STRICT", "FOLDER"),
    ],
)  # fmt: skip
def test_what_no_target_that_is_made_takes_is_an_error(target: str, taken: str, other: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as found:
        made("-n", target, f"{taken}=a", f"{other}=b")
    assert f"*** make {target}: takes no {other}." in found.value.stderr


def test_each_variable_is_for_the_targets_that_name_it() -> None:
    listed = {name: set(targets.split()) for name, targets in re.findall(r"^for_([A-Z]+) := (.*)$", TEXT, re.MULTILINE)}
    assert " ".join(listed) in TEXT
    recipes = dict(re.findall(r"^([a-z-]+):.*\n((?:\t.*\n)+)", TEXT, re.MULTILINE))
    for name, targets in listed.items():
        assert {target for target, recipe in recipes.items() if f"({name})" in recipe} == targets
    both = made("-n", "scenario", "report", "SCENARIO=a", "FOLDER=b")
    assert " run 'a' " in both
    assert " report 'b' " in both
    assert " learn 'a' 'b' 'c' " in made("-n", "learn", "SCENARIO=a", "SCENARIOS=b c")
    assert "make scenario SCENARIO=pilot_ban" in made("SCENARIO=a")


def test_names_of_files_may_have_blanks() -> None:
    assert "--out 'my results'" in made("-n", "observe", "LOG=log.csv", "OUT=my results")
    assert "calibrate 'my set.toml'" in made("-n", "calibrate", "SET=my set.toml")


@pytest.mark.parametrize(
    "text", ['a"b', "it's", "$HOME", "$(shell echo made)", "$$(echo done)", "`echo done`", "a; #b", "\\", "*"]
)
def test_what_is_given_reaches_the_command_as_it_is(text: str) -> None:
    show = "include Makefile\nshow:\n\t@printf '%s\\n' $(OUT) $(LEVERS) \"$$PYTHON\"\n"
    shown = made("show", f"OUT={text}", f"LEVERS=x {text}", f"PYTHON={text}", makefile=show)
    assert shown.splitlines() == [text, "x", *text.split(), text]


@pytest.mark.parametrize(
    "given", ["OUT=a\nb", "FLAGS=;", "FLAGS=$(shell echo made)", 'FLAGS="`a`"', "FLAGS=#", "FLAGS=a\nb"]
)
def test_what_cannot_reach_it_as_it_is_is_an_error(given: str) -> None:
    with pytest.raises(subprocess.CalledProcessError) as found:
        made("-i", "scenarios", given)
    assert f"*** {given.partition('=')[0]} must not hold " in found.value.stderr
    assert "--time-format '%d %H' \"a b\"" in made("-n", "scenarios", "FLAGS=--time-format '%d %H' \"a b\"")


def test_what_a_target_needs_is_said_in_the_language_asked_for() -> None:
    for words, said in (((), "give SCENARIO, as in: "), (("LANGUAGE=zh",), "请给出 SCENARIO，如：")):
        with pytest.raises(subprocess.CalledProcessError) as found:
            made("-n", "ask", "LOG=log.csv", *words)
        assert f"*** {said}make ask SCENARIO=quiet_hours LOG=log.csv." in found.value.stderr


def test_the_set_that_is_fitted_to_by_default_is_that_of_all_commands() -> None:
    assert f"calibrate {DEFAULT} " in made("-n", "calibrate")


def test_pythons_own_variables_reach_no_command_but_those_of_the_terminal() -> None:
    foreign = dict.fromkeys(("DONTWRITEBYTECODE", "PATH", "HOME", "OPTIMIZE", "WARNINGS", "UTF8", "IOENCODING"), "0")
    shell = {f"PYTHON{name}": value for name, value in foreign.items()} | {"PYTHON": "python3", "LANGUAGE": "de"}
    seen = made("show", shell=shell, makefile=SHOW)
    assert set(re.findall(r"^(PYTHON\w*|LANGUAGE)=", seen, re.MULTILINE)) == {
        "PYTHON",
        "PYTHONUTF8",
        "PYTHONIOENCODING",
    }


def test_bytecode_is_kept_out_of_git(tmp_path: Path) -> None:
    """In a repository of its own: an archive of the sources is none."""
    shutil.copy(ROOT / ".gitignore", tmp_path)
    for words in ("init --quiet", "check-ignore --quiet sim/__pycache__/cli.cpython-313.pyc"):
        subprocess.run(["git", *words.split()], cwd=tmp_path, check=True)


STUB = """#!/bin/sh
case "$*" in
*"-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python && cp "$0" .venv/bin/offhours ;;
*) env >>seen ;;
esac
"""


def test_an_installation_that_fails_leaves_no_environment_that_counts(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "environment", tmp_path / ".ci")
    (tmp_path / "requirements.txt").write_text("one==1\ntwo==2\n", encoding="utf-8")
    broken = STUB.replace("*) env >>seen ;;", "*install*) echo 'Collecting one==1' && exit 9 ;;")
    for name, text in (("python", broken), (".ci/find-python", f"#!/bin/sh\necho '{tmp_path}/python'\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run([".ci/environment"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip could not install that" in done.stderr
    assert not (tmp_path / ".venv" / "ready-run").exists()


def test_what_compiles_ahead_ends_with_a_set_up_that_fails_or_is_stopped(tmp_path: Path) -> None:
    """Else it would write into a .venv that the next call removes."""
    slow = STUB.replace(
        "*) env >>seen", "*ahead*) echo $$ >pid && exec sleep 60 ;;\n*verbose*) sleep 1 && exit 9 ;;\n*) env >>seen"
    )
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "environment", tmp_path / ".ci")
    (tmp_path / "requirements.txt").write_text("numba==1\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('version = "1.0"\n', encoding="utf-8")
    for name, text in (("python", slow), (".ci/find-python", f"#!/bin/sh\necho '{tmp_path}/python'\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run([".ci/environment"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert not (tmp_path / ".venv.lock").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text(encoding="utf-8")), 0)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it goes on until it is done")
def test_what_compiles_ahead_ends_with_a_set_up_that_is_killed() -> None:
    code = "import runpy, time; from sim.engine import people; "
    code += "people.populate = lambda *_, **names: print(flush=True) or time.sleep(60); "
    code += "runpy.run_module('sim.engine.ahead', run_name='__main__')"
    words = ["sh", "-c", '"$0" -c "$1" & wait', sys.executable, code]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as shell:
        assert shell.stdout
        shell.stdout.readline()
        shell.kill()
        shell.communicate(timeout=30)  # until all who could write there have ended


ALONE = """
import re, sys
from importlib.metadata import packages_distributions
owners, early = packages_distributions(), {"offhours", *sys.argv[1:]}

class Absent:
    def find_spec(self, name, path=None, target=None):
        by = {re.sub("[-_.]+", "-", each).lower() for each in owners.get(name.partition(".")[0], ())}
        if by and not by & early:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
from sim.engine.ahead import main
main()
"""


def test_the_engine_is_compiled_with_the_packages_that_setting_up_installs_first() -> None:
    """It fails there without a word, so it is tried here without all other packages."""
    setting_up = (ROOT / ".ci" / "environment").read_text(encoding="utf-8")
    early = re.findall(r'^early="(.*)"$', setting_up, re.MULTILINE)[0].split()
    pinned = re.findall(r"^([a-z-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(early) < set(pinned)
    done = subprocess.run([sys.executable, "-c", ALONE, *early], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_packages_go_into_the_environment_whatever_the_settings_of_pip_say(tmp_path: Path) -> None:
    folder, other = tmp_path / "a clone", tmp_path / "other"
    for place in (folder / ".ci", other / ".ci"):
        place.mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "environment", folder / ".ci")
    (folder / "requirements.txt").touch()
    (folder / "pyproject.toml").write_text('version = "1.0"\n', encoding="utf-8")
    for name, text in (("python", STUB), (".ci/find-python", f"#!/bin/sh\necho '{folder}/python'\n")):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    foreign = {"PIP_USER": "1", "PIP_TARGET": "/nowhere", "PIP_PREFIX": "/nowhere", "CDPATH": str(other)}
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    subprocess.run([".ci/environment"], cwd=folder, env=ours | foreign, check=True, capture_output=True)
    seen = (folder / "seen").read_text(encoding="utf-8")
    assert set(re.findall(r"^PIP_\w+=.*$", seen, re.MULTILINE)) == {"PIP_USER=0"}
    assert (folder / ".venv" / "ready-run").is_file()
