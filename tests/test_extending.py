"""Levers and managers from outside the package: what a file adds, what it may not, and what it makes of worlds."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from sim.core.columns import R
from sim.core.errors import InputError
from sim.core.parameter_sets import POINT
from sim.engine.agents import Manager, add_manager
from sim.engine.policy import row_of
from sim.levers import plugins as added
from sim.levers.kinds import add_lever, kinds
from sim.levers.lever import Lever
from sim.model import Workplace, drawn_firms
from sim.runs.identity import identity
from sim.scenario.json_schema import json_schema
from sim.scenario.loading import load
from sim.scenario.schema import Scenario, content_hash
from sim.verify import firm_histories
from tests.conftest import Call
from tests.worlds import scenario

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
PLEDGE = {"kind": "evening_pledge", "scope": {"share": 0.6}}


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Forget after each test what it has added."""
    yield
    added.levers.clear()
    added.managers.clear()
    for told in added.changed:
        told()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A copy of the example, to be changed."""
    return Path(shutil.copy(EXAMPLES / "considerate.py", tmp_path))


def with_managers(levers: list[dict[str, object]], managers: str = "plain") -> Scenario:
    data = scenario(people=60, weeks=2, levers=levers).model_dump()
    return Scenario.model_validate(data | {"managers": managers})


# ---- the example of the documentation


def test_the_example_is_read_with_its_file_and_refused_without() -> None:
    with pytest.raises(InputError) as caught:
        load(EXAMPLES / "evening_pledge.toml")
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert 'managers: "considerate": unknown kind of managers' in lines[0]
    assert "--with" in lines[0]
    assert 'levers[0].kind: "evening_pledge": unknown kind' in lines[1]
    added.load(EXAMPLES / "considerate.py")
    example = load(EXAMPLES / "evening_pledge.toml")
    assert example.managers == "considerate"
    assert [lever.kind for lever in example.levers] == ["evening_pledge"]


def test_a_misspelt_field_of_an_added_lever_gets_its_nearest_name_also_after_other_mistakes(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('base = "status_quo"\n[[levers]]\nkind = "evening_pledge"\nfrom_hours = 20\n')
    for named in (False, True):
        with pytest.raises(InputError) as caught:
            load(tmp_path / "mine.toml")
        assert ("did you mean 'from_hour'" in str(caught.value)) == named
        added.load(EXAMPLES / "considerate.py")


def test_an_added_lever_obeys_the_rules_of_all_levers(file: Path) -> None:
    """It writes only its columns, has ranges and a schema, and is refused beside what it cannot stand with."""
    added.load(file)
    pledge = kinds()["evening_pledge"].model_validate({"kind": "evening_pledge", "from_hour": 19.5})
    row = row_of([(pledge, 0.5)])
    assert {name: row[n] for n, name in enumerate(R._fields) if row[n]} == {
        "nudge": 0.4, "quiet_from": 1170.0, "quiet_to": 420.0, "in_force": 1.0,
    }  # fmt: skip
    assert not row_of([(pledge, 0.0)]).any()
    with pytest.raises(ValueError, match="must be at most 1"):
        scenario(levers=[PLEDGE | {"kept": 2.0}])
    with pytest.raises(ValueError, match=r"levers\[0\] \(evening_pledge.*the quiet window, 20:00 to 07:00"):
        scenario(levers=[PLEDGE, {"kind": "quiet_hours", "mode": "hold"}])
    assert "evening_pledge" in json.dumps(json_schema())


def test_an_added_lever_changes_the_firms_in_its_scope_and_no_other(file: Path) -> None:
    """Two weeks; at strength 0 it changes nothing at all."""
    added.load(file)
    usual, pledged, none = (
        Workplace(with_managers(levers), parameters=POINT) for levers in ([], [PLEDGE], [PLEDGE | {"strength": 0.0}])
    )
    for model in (usual, pledged, none):
        model.run_for(14)
    lives = firm_histories(usual)
    assert firm_histories(none) == lives
    changed = {firm for firm, life in firm_histories(pledged).items() if life != lives[firm]}
    reached = {firm for firm, hit in pledged.firms().select("firm", "in_scope").iter_rows() if hit}
    assert changed
    assert changed <= reached < set(lives)


def test_managers_of_a_scenario_are_those_that_it_names(file: Path) -> None:
    """They write less outside hours, as those given from Python do; with other managers every firm is in scope."""
    added.load(file)
    considerate = added.managers["considerate"].item
    usual, named, given = (
        Workplace(with_managers([]), parameters=POINT),
        Workplace(with_managers([], "considerate"), parameters=POINT),
        Workplace(with_managers([]), parameters=POINT, manager_class=considerate),
    )
    for model in (usual, named, given):
        model.run_for(14)
    assert firm_histories(named) == firm_histories(given)
    sent = [model.person_week()["after_sent"].sum() for model in (usual, named)]
    assert sent[1] < sent[0]
    assert named.in_scope.all()
    assert not usual.in_scope.any()
    assert drawn_firms(named.setting)["in_scope"].all()
    assert named.firms_with_rules_of(usual.setting) == []


# ---- what decides a world


def test_the_text_of_the_file_is_part_of_what_it_makes(file: Path) -> None:
    """Of worlds that use it, and of no others; and it is the text, not the place."""
    plain = with_managers([])
    before = identity(plain, 0), content_hash(plain)
    added.load(file)
    assert (identity(plain, 0), content_hash(plain)) == before
    known = _names()
    file.write_text(file.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
    added.load(file)
    assert not set(known) & set(_names())
    added.levers.clear()
    added.managers.clear()
    added.load(EXAMPLES / "considerate.py")
    assert _names() == known


def _names() -> list[str]:
    """Name a world with the pledge and one with other managers."""
    worlds = with_managers([PLEDGE]), with_managers([], "considerate")
    return [identity(world, 0) for world in worlds] + [content_hash(world) for world in worlds]


def test_what_has_no_file_is_refused() -> None:
    """Typed into a prompt or made by exec, it could not be named in results."""
    names: dict[str, object] = {"__name__": "nowhere", "Lever": Lever, "Literal": Literal, "Manager": Manager}
    exec('class Typed(Lever):\n    kind: Literal["typed"]\nclass Boss(Manager):\n    pass\n', names)
    with pytest.raises(InputError, match=r"^Typed is defined in no file"):
        add_lever(names["Typed"])  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"^Boss is defined in no file"):
        add_manager("boss", names["Boss"])  # type: ignore[arg-type]
    assert "typed" not in kinds()


# ---- mistakes


class Nameless(Lever):
    """Has no kind."""


class Taken(Lever):
    """Has the kind of another one."""

    kind: Literal["ban"]


class Ambiguous(Lever):
    """Has two kinds."""

    kind: Literal["pledge", "promise"]


class Numbered(Lever):
    """Has a kind that is no name."""

    kind: Literal[5]  # type: ignore[assignment]


class Shouting(Lever):
    """Has a kind that no scenario file could hold."""

    kind: Literal["EVENING PLEDGE"]


@pytest.mark.parametrize(
    ("lever", "message"),
    [
        (Nameless, "Nameless: say its kind"),
        (Ambiguous, "Ambiguous: say its kind"),
        (Numbered, "Numbered: say its kind"),
        (Taken, "Taken: 'ban' is a kind of the model"),
        (Shouting, "Shouting: 'EVENING PLEDGE': a name may hold only"),
        (int, "is no subclass of sim.levers.kinds.Lever"),
        ("ban", "is no subclass of sim.levers.kinds.Lever"),
    ],
)
def test_a_lever_that_cannot_be_added_is_refused_with_the_reason(lever: type[Lever], message: str) -> None:
    with pytest.raises(InputError, match=message):
        add_lever(lever)


def test_managers_that_cannot_be_added_are_refused_with_the_reason() -> None:
    with pytest.raises(InputError, match="is a subclass of"):
        add_manager("wrong", int)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="choose another one"):
        add_manager("plain", Manager)


def test_two_files_may_not_add_the_same_name(file: Path) -> None:
    added.load(EXAMPLES / "considerate.py")
    with pytest.raises(InputError, match=r"'evening_pledge' has been added by .*examples/considerate\.py already"):
        added.load(file)
    added.load(EXAMPLES / "considerate.py")  # the same file again is no mistake


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import sim\n", "adds nothing: call add_lever or add_manager in it"),
        ("\n\nx = 1 +\n", r"mine\.py:3: SyntaxError"),
        ("\nimport no_such_library\n", r"mine\.py:2: ModuleNotFoundError: No module named 'no_such_library'"),
        ("x = 1\ny = x / 0\n", r"mine\.py:2: ZeroDivisionError"),
        ("raise SystemExit(0)\n", r"mine\.py:1: SystemExit"),
        ("from sim.core.errors import InputError\nraise InputError('of its own')\n", "^of its own$"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_message_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        added.load(path)


def test_a_file_that_is_not_there_or_no_python_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.py", tmp_path, EXAMPLES / "evening_pledge.toml"):
        with pytest.raises(InputError, match="is not a Python file that is there"):
            added.load(path)


# ---- the command line


def test_run_and_compare_with_a_file(call: Call, file: Path, tmp_path: Path) -> None:
    """Stored results say which code made them, and are compared only with it."""
    rules = tmp_path / "mine.toml"
    rules.write_text(
        'title = "Mine"\nbase = "status_quo"\nmanagers = "considerate"\n[run]\npeople = 40\nyears = 0.06\n'
        'replicates = 1\nwarmup_days = 0\n[[levers]]\nkind = "evening_pledge"\n',
        encoding="utf-8",
    )
    assert call("check", rules).code == 2
    done = call("check", rules, "--with", file)
    assert (done.code, done.err) == (0, "")
    done = call("run", rules, "--with", file, "--no-figures")
    assert done.code == 0, done.err
    manifest = json.loads((tmp_path / "results" / "mine" / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["added_code"]) == {"evening_pledge", "managers considerate"}

    done = call("compare", "results/mine", "quiet_hours", "--with", file, "--no-figures")
    assert done.code == 2  # quiet_hours starts after these three weeks
    done = call("compare", "results/mine", "status_quo", "--with", file, "--no-figures")
    assert done.code == 0, done.err
    assert "mine and status_quo: all 1 replicate, reused from" in done.err
    compared = tmp_path / "results" / "compare_mine_status_quo" / "manifest.json"
    assert json.loads(compared.read_text(encoding="utf-8"))["added_code"] == manifest["added_code"]

    added.levers.clear()
    added.managers.clear()
    done = call("compare", "results/mine", "status_quo", "--no-figures")
    assert done.code == 3
    assert "needs code from outside (evening_pledge, managers considerate): name its file by --with" in done.err
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    done = call("compare", "results/mine", "status_quo", "--with", file, "--no-figures")
    assert done.code == 3
    assert "was simulated with other code from outside; run mine again" in done.err


def test_a_wrong_file_ends_with_one_message(call: Call, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("x = \n", encoding="utf-8")
    done = call("run", "status_quo", "--with", "broken.py")
    assert done.code == 2
    assert done.err.startswith("error: ")
    assert "broken.py:1: SyntaxError" in done.err
    assert "Traceback" not in done.err
    done = call("targets", "--with", "nothing.py")  # which simulates shipped scenarios alone
    assert "No such option" in done.err
    done = call("run", "status_quo", "--with", "nothing.py")
    assert (done.code, done.err.count("\n")) == (2, 1)
