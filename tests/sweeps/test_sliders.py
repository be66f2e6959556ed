"""A page to play with: emulators of known effects, the same numbers in its data, and what cannot be a page."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial import KDTree

from docs import page as docs
from sim.core.errors import InputError
from sim.figures.words import words
from sim.report import webpage as template
from sim.sweeps import emulation, sliders
from sim.sweeps.effects import store_tables
from sim.sweeps.emulation import (
    axes_of,
    errors_at,
    fit_surface,
    fit_surfaces,
    fresh_points,
    points_of,
    prediction_errors,
)
from sim.sweeps.folder import Sweep, complete_rows, write_rows
from sim.sweeps.sliders import page_content
from tests.checks.offline_pages import Fetches
from tests.conftest import Call
from tests.sweeps.helpers import made, written

OUTCOMES = ("hidden_overtime", "share_burnt_out", "talk_share")
NOISE = 0.05
DESIGN = """
title = "Fines, </script> & doubt"
scenarios = ["pilot_ban"]
method = "lhs"
points = 32
seed = 3
parameters = "point"
[run]
people = 300
years = 1.0
[[axes]]
name = "run.seed"
low = 1
high = 9999
[[axes]]
name = "levers.enforcement.fine_yuan"
low = 0
high = 1000
label = "fine"
label_zh = "罚款"
[[axes]]
name = "questions_per_task"
low = 0.2
high = 2.0
scale = "log"
"""


def truth(fine: np.ndarray, questions: np.ndarray) -> np.ndarray:
    """Bend along the fine, and tilt with the logarithm of the questions."""
    return -1.0 - np.sin(fine / 400.0) + 0.5 * np.log(questions)


def pretend(folder: Path, text: str = DESIGN, without: int = 0) -> Sweep:
    """Make a sweep with made-up rows: a known effect with noise, a copy of it in shares, and one that is zero."""
    design = folder / "design.toml"
    design.write_text(text, encoding="utf-8")
    sweep = made(design, folder)
    rng = np.random.default_rng(11)
    rows = []
    for about in sweep.plan.conditions.iter_rows(named=True):
        for replicate in range(sweep.replicates):
            effect = 0.0
            if not about["is_reference"]:
                at = (about.get("fine_yuan") or 0.0, about.get("questions_per_task") or 1.0)
                effect = float(truth(*map(np.float64, at)) + NOISE * rng.standard_normal())
            values = {"hidden_overtime": 5.0 + effect, "share_burnt_out": 0.4 + 0.1 * effect, "talk_share": 0.2}
            facts = {"condition": about["condition"], "replicate": replicate}
            facts |= {"people": 310 + 20 * replicate, "firms": 12, "weeks": 18}
            rows.append({**facts, "round": 0, "seconds": 1.0, **values})
    write_rows(sweep, f"shards/00/{0:024}.parquet", complete_rows(sweep, rows[: len(rows) - without]))
    store_tables(sweep.folder)
    return sweep


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    return pretend(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    return pretend(tmp_path_factory.mktemp("fresh"), DESIGN.replace("seed = 3", "seed = 4"))


@pytest.fixture(scope="module")
def shown(sweep: Sweep, fresh: Sweep) -> dict[str, Any]:
    return page_content(sweep, OUTCOMES, fresh)


def test_a_scenario_that_is_compared_with_nothing_has_no_curves_and_hinders_none(tmp_path: Path) -> None:
    beside = DESIGN.replace('["pilot_ban"]', '["pilot_ban", "status_quo"]')
    beside = beside.replace("levers.enforcement.fine_yuan", "cost_mail").replace(
        "low = 0\nhigh = 1000", "low = 1\nhigh = 2"
    )
    made = pretend(tmp_path, beside)
    assert list(points_of(made, axes_of(made), OUTCOMES[:1])) == ["pilot_ban"]


def test_a_known_effect_is_found_with_its_noise(sweep: Sweep) -> None:
    """The bounds are five standard errors: of a mean that some ten points know, and of a variance from 32 of them."""
    axes = axes_of(sweep)
    assert [axis["column"] for axis in axes] == ["fine_yuan", "questions_per_task"]
    assert [(axis["start"], axis["lever"]) for axis in axes] == [(300.0, True), (0.8, False)]
    points = points_of(sweep, axes, OUTCOMES[:1])
    unit, table = points["pilot_ban"]
    ((surface, left_out),) = fit_surfaces(points, 2, OUTCOMES[:1])
    assert surface.effect.emulator is not None
    assert abs(surface.effect.emulator.noise / NOISE**2 - 1) < 5 * (2 / 32) ** 0.5
    grid = np.stack(np.meshgrid(np.linspace(0.05, 0.95, 7), np.linspace(0.05, 0.95, 7)), axis=-1).reshape(-1, 2)
    mean, spread = surface.moments(grid)
    assert np.abs(mean - truth(1000 * grid[:, 0], 0.2 * 10 ** grid[:, 1])).max() < 5 * NOISE / 10**0.5
    assert (spread > surface.effect.emulator.noise**0.5).all()
    assert left_out.points == table.height == len(unit) == 32
    assert left_out.explained > 0.95
    assert abs(left_out.error / NOISE - 1) < 0.5
    assert left_out.inside[1] > 0.95 - 5 * (0.95 * 0.05 / 32) ** 0.5
    assert surface.reference == pytest.approx(5.0)


def predicted(rule: Mapping[str, Any], surface: Mapping[str, Any], unit: Sequence[float]) -> tuple[float, float]:
    """Compute what sliders_emulator.js computes, from the same numbers, by other means."""
    if surface["process"] is None:
        return 0.0, 0.0
    it, points = surface["process"], np.array(rule["points"])

    def kernel(here: np.ndarray, there: np.ndarray) -> np.ndarray:
        far = np.sqrt(5 * (((here[:, None] - there[None]) / np.array(it["lengths"])) ** 2).sum(axis=2))
        return it["amplitude"] * (1 + far + far**2 / 3) * np.exp(-far) + it["trend"] * (1 + here @ there.T)

    covariance = kernel(points, points) + (it["white"] + 1e-9) * np.eye(len(points))
    at = np.array([unit])
    near = kernel(at, points)[0]
    mean = np.array([1.0, *unit]) @ it["plane"] + it["height"] * near @ np.linalg.solve(covariance, it["rest"])
    process = it["height"] ** 2 * (kernel(at, at)[0, 0] - near @ np.linalg.solve(covariance, near))
    return float(mean), math.sqrt(process + it["noise"])


def test_the_numbers_of_the_page_are_the_emulator(sweep: Sweep, shown: Mapping[str, Any]) -> None:
    points = points_of(sweep, axes_of(sweep), OUTCOMES)["pilot_ban"]
    found = [fit_surface("pilot_ban", outcome, *points) for outcome in OUTCOMES]
    kept = json.loads(template.embedded(shown))
    (rule,) = kept["rules"]
    for surface, told in zip(found, rule["surfaces"], strict=True):
        for unit in ([0.3, 0.6], [0.0, 1.0], [1.3, -0.2], rule["points"][5]):
            mean, spread = (float(each[0]) for each in surface.moments(np.array([unit])))
            assert predicted(rule, told, unit) == pytest.approx((mean, spread), rel=1e-7, abs=1e-9)
    for check in kept["checks"]:
        told = [predicted(rule, each, check["unit"]) for each in rule["surfaces"]]
        assert np.array(told).T.tolist() == [
            pytest.approx(check["means"], rel=1e-7, abs=1e-9),
            pytest.approx(check["spreads"], rel=1e-7, abs=1e-9),
        ]
    assert kept["checks"][0]["unit"] == pytest.approx([0.3, math.log10(4)])
    points = np.array(rule["points"])
    assert rule["far"] == pytest.approx(KDTree(points).query(points, k=2)[0][:, 1].max())  # of the loneliest point


@pytest.mark.parametrize(
    ("outcome", "error", "digits"),
    [
        ("hidden_overtime", 15.0, 0),
        ("hidden_overtime", 0.6, 1),
        ("hidden_overtime", 0.015, 3),
        ("hidden_overtime", 0.0, 1),
        ("share_burnt_out", 0.015, 1),
    ],
)
def test_effects_are_written_to_two_digits_of_twice_their_error(
    sweep: Sweep, outcome: str, error: float, digits: int
) -> None:
    """An error of 0.015 is one of 1.5 points of a share."""
    points = points_of(sweep, axes_of(sweep), OUTCOMES)["pilot_ban"]
    zero = fit_surface("pilot_ban", "talk_share", *points)._replace(outcome=outcome)
    told = sliders._surface(zero, {"left_out": emulation.Errors(32, error, 0.9, (0.5, 0.95))})
    assert told["digits"] == digits


def test_errors_of_unseen_points_are_in_the_page(shown: Mapping[str, Any]) -> None:
    """The fresh points have the same effect and noise; the bound on coverage is five standard errors."""
    overtime, share, zero = shown["rules"][0]["surfaces"]
    for each in (overtime, share):
        assert [each["errors"][kind]["points"] for kind in ("left_out", "fresh")] == [32, 32]
        assert each["errors"]["fresh"]["inside"][1] > 0.95 - 5 * (0.95 * 0.05 / 32) ** 0.5
    assert share["errors"]["fresh"]["error"] == pytest.approx(overtime["errors"]["fresh"]["error"] / 10, rel=0.05)
    assert (share["factor"], share["unit"]["en"], share["direction"]) == (100.0, "pp", -1)
    assert zero["process"] is None
    assert zero["errors"]["fresh"]["inside"] == (1.0, 1.0)


def test_intervals_are_those_of_students_t() -> None:
    """With the degrees of freedom that 13 points leave beside a mean and two slopes."""
    assert emulation.half_widths(10) == pytest.approx((0.6998, 2.2281), abs=1e-4)
    no_effect = emulation.FittedEffect(None, emulation.effect_of(np.zeros((13, 2)), np.zeros(13)).gate)
    of_13 = emulation.Surface("", "", np.zeros((13, 2)), np.zeros(13), no_effect, 0.0)
    assert of_13.quantiles == emulation.half_widths(10)


def test_errors_by_hand() -> None:
    """Off by 1, 0, 2 and 3, where the truth varies by 5; the ends of an interval are inside."""
    found = prediction_errors((1.0, 2.0), np.array([0.0, 2.0, 4.0, 6.0]), np.array([1.0, 2.0, 2.0, 3.0]), np.ones(4))
    assert found[:3] == pytest.approx((4, 3.5**0.5, 0.3))
    assert found.inside == (0.5, 0.75)


def test_what_does_not_vary_is_explained_only_where_it_is_predicted() -> None:
    def explained(truth: Sequence[float], mean: Sequence[float]) -> float:
        return prediction_errors((1.0, 2.0), np.array(truth), np.array(mean), np.ones(len(truth))).explained

    assert explained([0.0, 0.0], [0.0, 0.0]) == 1.0
    assert explained([0.0, 2.0], [0.0, 1.0]) == 0.5
    assert math.isnan(explained([0.0, 0.0], [7.0, 7.0]))
    assert math.isnan(explained([3.0], [7.0]))
    assert math.isnan(explained([], []))


def test_a_check_without_a_variance_is_written_without_one(
    shown: Mapping[str, Any], sweep: Sweep, fresh: Sweep
) -> None:
    points = {"pilot_ban": points_of(fresh, axes_of(fresh), OUTCOMES[:1])["pilot_ban"]}
    unit, table = points["pilot_ban"]
    (found,) = fit_surfaces(points_of(sweep, axes_of(sweep), OUTCOMES[:1]), 2, OUTCOMES[:1])
    told = sliders._surface(
        found[0], {"fresh": errors_at(found[0], {"pilot_ban": (unit[:1], table[:1])}), "left_out": found[1]}
    )
    assert told["errors"]["fresh"]["explained"] is None
    assert json.loads(template.embedded(told))["errors"]["fresh"]["points"] == 1


@pytest.mark.parametrize(
    ("change", "said", "unsaid"),
    [
        (("", ""), {"reads_table", "reads_start"}, {"reads_same_firms", "reads_own"}),
        (('"run.seed"', '"evade"'), {"reads_table", "reads_same_firms"}, {"reads_own"}),
        (('parameters = "point"', "own_draws = true"), {"reads_own"}, {"reads_same_firms", "reads_table"}),
        (('parameters = "point"', 'parameters = "point"\nown_draws = true'), {"reads_table"}, {"reads_own"}),
        (("low = 0\n", "low = 400\n"), {"reads_start_near"}, {"reads_start"}),  # 300 is its own
    ],
)
def test_the_page_says_what_differs_between_points_and_where_sliders_start(
    tmp_path: Path, change: tuple[str, str], said: set[str], unsaid: set[str]
) -> None:
    text = DESIGN.replace(*change).replace(
        "low = 1\nhigh = 9999", "low = 0.1\nhigh = 0.6" if "evade" in change[1] else "low = 1\nhigh = 9999"
    )
    rows = page_content(pretend(tmp_path, text), OUTCOMES[:1], None)["sentences"]["reading"]
    told = {row["en"] for row in rows}
    assert not any("surveyed" in row["zh"] for row in rows), "the set has a name in Chinese"
    assert {key for key in said if _row(key, told)} == said
    assert not {key for key in unsaid if _row(key, told)}


def _row(key: str, told: set[str]) -> bool:
    """Whether the page says a sentence, whose braces are filled in."""
    wanted = re.sub(r"\\{\w+\\}", ".*", re.escape(words()["sliders"][key]["en"]))
    return any(re.fullmatch(wanted, each) for each in told)


def test_the_page_says_how_many_people_were_simulated_and_by_which_command(sweep: Sweep) -> None:
    """Of 300 people that were asked for, whole firms have 310, and 330 in a second replicate."""
    command = "offhours sweep mine.toml --parameters report --with own.py"
    known = sweep._replace(manifest={**sweep.manifest, "command": command})
    made = page_content(known, OUTCOMES[:1], None)
    assert made["command"].startswith(f"{command} ; offhours page ")
    assert sweep.replicates == 1
    assert "32 points (lhs), 310 people at each, " in made["sentences"]["made"][0]["en"]


def test_the_page_needs_nothing_else(shown: Mapping[str, Any]) -> None:
    assert re.match(r"offhours sweep \S+\.toml ; offhours page ", shown["command"])  # one's own file
    text = template.page(shown)
    found = Fetches()
    found.feed(text)
    assert set(found.references) == {"data:,"}  # no icon is asked for
    assert not re.search(r"https?:|//\w+\.\w|\burl\(|@import|\bimport\b|fetch\(|XMLHttp", text)
    assert "{{" not in text
    assert text.count("</script>") == 2  # not the one of the title
    kept = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert kept
    assert json.loads(kept[1]) == json.loads(json.dumps(shown))


def test_the_words_of_the_page_are_those_that_it_says(shown: Mapping[str, Any]) -> None:
    code = "".join((template.HERE / name).read_text(encoding="utf-8") for name in ("sliders.js", "sliders_emulator.js"))
    maker = Path("sim/sweeps/sliders.py").read_text(encoding="utf-8")
    quoted = set(re.findall(r'"([a-z_]+)"', code)) | set(re.findall(r'"((?:reads|trusts|made)_[a-z_]+)"', maker))
    listed = {"left_out", "fresh", "percent"}
    assert words()["sliders"].keys() == {name for name in words()["sliders"] if name in quoted | listed}
    assert set(re.findall(r'\bsay\("([a-z_]+)"', code)) <= words()["sliders"].keys()
    for part in shown["sentences"].values():
        for row in part:
            assert set(row) == {"en", "zh"}
            assert not re.search(r"[{}]", "".join(row.values()))
    assert [axis["label"] for axis in shown["axes"]] == [
        {"en": "fine", "zh": "罚款"},
        words()["parameter"]["questions_per_task"],
    ]


def test_an_axis_without_a_label_has_the_name_of_what_it_varies(tmp_path: Path) -> None:
    bare = pretend(tmp_path, DESIGN.replace('label = "fine"\nlabel_zh = "罚款"\n', ""))
    fine, questions = page_content(bare, OUTCOMES[:1], None)["axes"]
    assert fine["label"] == words()["field"]["fine_yuan"]  # which has the unit
    assert fine["unit"] == {"en": "", "zh": ""}
    assert questions["label"] == words()["parameter"]["questions_per_task"]
    assert questions["unit"] == words()["unit"]["questions"]


def refused(folder: Path, text: str, match: str, without: int = 0) -> None:
    bad = pretend(folder, text, without)
    with pytest.raises(InputError, match=match):
        page_content(bad, OUTCOMES[:1], None)


def test_what_cannot_be_a_page_is_refused_in_one_sentence(tmp_path: Path, sweep: Sweep) -> None:
    at = [tmp_path / str(n) for n in range(8)]
    for folder in at:
        folder.mkdir()
    refused(at[0], DESIGN.replace("points = 32", "points = 19"), "pilot_ban: 19 points .* too few for 2 axes")
    refused(at[1], DESIGN, r"62 of 64 runs are done, .*: go on with the sweep", without=2)
    refused(at[2], DESIGN.replace("[run]", "paired = false\n[run]"), "nothing is compared with")
    nothing = DESIGN[: DESIGN.index('[[axes]]\nname = "levers')]
    refused(at[3], nothing, "needs an axis of numbers, and nothing was varied")
    words_axis = DESIGN + '[[axes]]\nname = "levers.enforcement.phase"\nvalues = ["a", "b"]\n'
    refused(at[4], words_axis, "the axis levers.enforcement.phase is no number")
    with pytest.raises(InputError, match=r"--check .*: some of its points are those of"):
        page_content(sweep, OUTCOMES[:1], sweep)
    with pytest.raises(InputError, match=r"--check .*: its axes are not those of"):
        page_content(
            sweep, OUTCOMES[:1], pretend(at[5], DESIGN.replace("questions_per_task", "evade").replace("2.0", "0.7"))
        )
    other = DESIGN.replace("seed = 3", "seed = 4")
    for place, (old, new) in enumerate([("people = 300", "people = 400"), ('parameters = "point"', "")], start=6):
        with pytest.raises(
            InputError, match=r"--check .*: the rules, size or parameters of pilot_ban are not those of"
        ):
            page_content(sweep, OUTCOMES[:1], pretend(at[place], other.replace(old, new)))


def test_a_check_needs_points_with_effects(sweep: Sweep, fresh: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    axes = axes_of(sweep)
    known, theirs = (points_of(each, axes, OUTCOMES[:1]) for each in (sweep, fresh))
    few = {name: (unit[:1], table[:1]) for name, (unit, table) in theirs.items()}
    monkeypatch.setattr(emulation, "points_of", lambda *_: few)
    with pytest.raises(InputError, match=r"--check .*: an effect at fewer than 2 of its points of pilot_ban"):
        fresh_points(known, sweep, fresh, axes, OUTCOMES[:1])


def test_the_command_writes_a_file_or_nothing(tmp_path: Path, sweep: Sweep, call: Call) -> None:
    out = tmp_path / "pages" / "fines.html"
    done = call("page", str(sweep.folder), "--outcome", "hidden_overtime", "--out", str(out), "--lang", "zh")
    assert done.code == 0
    assert "pages/fines.html" in done.err
    assert '<html lang="zh-Hans">' in out.read_text(encoding="utf-8")
    assert [path.name for path in out.parent.iterdir()] == [out.name]
    wrong = call("page", str(tmp_path), "--out", str(tmp_path / "other.html"))
    assert wrong.code == 3
    assert "is no folder of a sweep" in wrong.err
    noop = made(written(tmp_path, {"x": [1, 2]}), tmp_path)
    unfit = call("page", str(noop.folder))
    assert (unfit.code, unfit.err.count("\n")) == (2, 2)
    assert not (noop.folder / "page.html").exists()
    assert not (tmp_path / "other.html").exists()


def test_the_documentation_has_the_numbers_of_the_kept_page(shown: Mapping[str, Any]) -> None:
    text = docs.TEXT.read_text(encoding="utf-8")
    assert text == docs.filled(text, docs.kept())
    told = docs.section(shown)
    assert "| hidden overtime | fresh | 32 |" in told
    assert docs.filled(docs.filled(text, shown), docs.kept()) == text
