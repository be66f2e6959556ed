"""The page about results: it holds what the tables say, needs nothing else, and says clearly what it cannot do."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from sim.comparing.basis import VARYING
from sim.core.errors import ResultsError
from sim.figures.context import setting
from sim.figures.words import LANGUAGES, counted, label, say, speaking, words
from sim.outcomes import HEADLINES
from sim.publishing import page
from sim.publishing.answers import ANSWERS, answer_for
from sim.publishing.export import as_csv, with_units
from sim.publishing.page import LARGEST, downloads
from sim.publishing.sections import provenance as provenance_of
from sim.report import plots
from sim.report.console import as_text
from sim.report.evaluation import print_evaluation
from sim.report.intervals import few_replicates, parameters_drawn
from sim.report.numbers import parameter_set
from sim.report.plain import plain, plain_name
from sim.runs import provenance, results
from tests import drawable, test_plots
from tests.browser.pages import REPORTS
from tests.conftest import Call
from tests.test_figures import MADE

SOURCES = Path(page.__file__).parent
CHEAP = ("evaluation", "touched", "search", "log")
VOID = {"meta", "link", "img", "br"}
TABLES, MANIFEST = test_plots.tables(4, 12, 1), test_plots.manifest()


class Seen(HTMLParser):
    """What a page holds: elements closed in order, addresses, links to tables, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.tables: dict[str, str] = {}
        self.pictures: list[dict[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        self.addresses += [about[name] for name in ("href", "src", "action", "data") if name in about]
        if "download" in about:
            self.tables[about["download"]] = about["href"]
        if tag == "img":
            self.pictures.append(about)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module", params=LANGUAGES)
def shown(request: pytest.FixtureRequest) -> tuple[str, Seen]:
    """The page of a run in a language."""
    manifest = MANIFEST | {"command": "offhours run 'a b' --seed 3"}
    return request.param, Seen(page.html_page("here", TABLES, manifest, request.param))


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pictures out of pages whose sentences are looked at."""
    monkeypatch.setattr(page, "pictures", lambda *_: iter(()))


@pytest.fixture
def outlined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what pictures show of pages whose words are looked at, not their captions."""
    monkeypatch.setattr(page, "_address", lambda _: "data:image/png;base64,")


def test_a_page_needs_no_other_file_and_runs_nothing(shown: tuple[str, Seen]) -> None:
    _, seen = shown
    assert seen.open == []
    assert seen.addresses
    assert all(address.startswith(("data:", "#")) for address in seen.addresses)


def test_it_begins_with_the_answer_and_ends_with_the_command(shown: tuple[str, Seen]) -> None:
    language, seen = shown
    with speaking(language):
        sentences = plain(TABLES, MANIFEST)
    places = [seen.text.index(sentence) for sentence in sentences]
    assert places == sorted(places)
    assert len(places) == 5
    assert seen.text.index("offhours run 'a b' --seed 3") > places[-1]
    assert words()["page"]["limit_model_forecast"][language] in seen.text


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_the_terminal_says_of_the_parameters_drawn(language: str) -> None:
    manifest = MANIFEST | {"uncertainty": {"name": "surveyed", "draws": 64}, "replicates": 4}
    with speaking(language):
        said, warning = parameters_drawn(manifest), few_replicates(4)
    assert warning in said
    assert said in Seen(page.html_page("here", TABLES, manifest, language)).text


def test_pictures_have_texts_and_what_is_said_in_them(shown: tuple[str, Seen]) -> None:
    language, seen = shown
    assert len(seen.pictures) == len(test_plots.NAMES)
    assert all(len(each["alt"]) > 20 and each["src"].startswith("data:image/") for each in seen.pictures)
    assert words()["text"]["effects"][language] in seen.pictures[0]["alt"]
    assert words()["text"]["stretched"][language] in seen.text  # of the caption


def test_tables_are_given_away_whole(shown: tuple[str, Seen]) -> None:
    _, seen = shown
    assert seen.tables.keys() == {f"{name}.csv" for name in TABLES}
    text = b64decode(seen.tables["effects.csv"].partition(",")[2]).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [float(row["difference"]) for row in rows] == TABLES["effects"]["difference"].to_list()


def test_a_table_of_any_type_becomes_csv_and_a_large_one_stays_away() -> None:
    odd = pl.DataFrame({"a": [[1, 2], None], "b": ['x,"y', None], "c": [0.1 + 0.2, None]})
    odd = odd.with_columns(pl.col("b").cast(pl.Categorical).alias("d"))
    assert list(csv.reader(io.StringIO(as_csv(odd))))[1] == ["[1, 2]", 'x,"y', "0.30000000000000004", 'x,"y']
    large = pl.DataFrame({"x": range(LARGEST // 6)})
    assert [bool(address) for *_, address in downloads({"large": large, "odd": odd})] == [False, True]


@pytest.mark.usefixtures("outlined")
def test_sentences_have_titles_and_legends_short_names(shown: tuple[str, Seen]) -> None:
    language, _ = shown
    own, todays = {"en": ("A $5 “right”", "Today's rules"), "zh": ("一项“权利”", "现行规则")}[language]
    about = test_plots.manifest(title="A $5 “right”")
    about["resolved"]["title_zh"] = "一项“权利”"
    about["resolved_counterfactual"] = {"title": "Today's rules", "title_zh": "现行规则"}
    seen = Seen(page.html_page("here", TABLES, about, language))
    quoted = "“" + own.replace("“", "‘").replace("”", "’") + "”"
    question = words()["page"]["question_run"][language].format(rules=quoted, reference=f"“{todays}”")
    caption = words()["text"]["effects_divided"][language].format(scenario=quoted, reference=f"“{todays}”")
    assert own in seen.text
    assert question in seen.text
    assert caption in seen.text
    assert "pilot ban" not in seen.text
    with speaking(language):
        run = setting(about)
        assert (run.name("pilot_ban"), run.name("elsewhere")) == (label("scenario", "pilot_ban"), "elsewhere")
        assert run.cited("pilot_ban", "elsewhere") == say("list").join((quoted, "“elsewhere”"))


@pytest.mark.usefixtures("outlined")
def test_what_a_user_writes_is_text_and_no_markup() -> None:
    evil = '<script>alert("1")</script> & $x$'
    text = page.html_page("here", TABLES, test_plots.manifest(title=evil) | {"command": evil}, "en")
    assert "<script" not in text
    assert "$x$" in Seen(text).text


@pytest.mark.usefixtures("outlined")
def test_several_rules_are_compared_with_who_gains() -> None:
    names = ("pilot_ban", "quiet_hours", "placebo", "france_2017")
    seen = Seen(page.html_page("here", drawable.comparison(names), drawable.overview(names), "en"))
    listed = ", ".join(f"“Title of {name}”" for name in names)
    assert f"Which is best, compared with “today's rules”: {listed}?" in seen.text
    assert "Share of people who are themselves better or worse off" in seen.text
    assert "/" not in "".join(seen.tables)


def test_no_rule_is_left_out_of_a_table_of_many() -> None:
    answer = answer_for("here", drawable.comparison(), drawable.overview())
    [headlines] = [grid for grid in answer.sure_grids if grid.name == "headlines"]
    assert len({row[0] for row in headlines.rows}) == len(drawable.LIBRARY) > 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_is_shown_phase_by_phase_as_in_the_table(language: str) -> None:
    """All else on the page pools the phases of a plan, which have other rules, and often other firms."""
    names = ("pilot_ban", "quiet_hours")
    tables = drawable.comparison(names)
    plan = tables["effects"].filter(scenario="pilot_ban")
    parts = [plan.with_columns(phase=pl.lit(name), firms=pl.lit(size)) for name, size in (("early", 60), ("late", 140))]
    tables["phases"] = pl.concat([parts[0].with_columns(pl.col("difference", "low", "high") * 2), parts[1]])
    with speaking(language):
        grids = {grid.name: grid for grid in answer_for("x", tables, drawable.overview(names)).sure_grids}
        firms = [counted(size, "firm") for size in (60, 140)]
    rows, pooled = grids["phases"].rows, [row[1:] for row in grids["headlines"].rows[: len(HEADLINES)]]
    assert [row[1:] for row in rows[-len(pooled) :]] == pooled
    assert [row[1:] for row in rows[: len(pooled)]] != pooled
    assert len(rows) == 2 * len(pooled)
    for row, phase, size in ((rows[0], "early", firms[0]), (rows[-1], "late", firms[1])):
        assert phase in row[0]
        assert size in row[0]


@pytest.mark.parametrize("several", [True, False])
def test_a_page_of_a_run_whose_weeks_pool_phases_says_so(several: bool) -> None:
    window = pl.lit(f"weeks 2–9: {VARYING}")
    phases = MANIFEST["phases"][: 1 + several]
    tables = TABLES | {"effects": TABLES["effects"].with_columns(window=window)}
    sure = answer_for("here", tables, MANIFEST | {"phases": phases}).sure
    assert any("These weeks pool the phases of the plan" in each for each in sure) is several


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("change", "moves"), [(0.0, False), (50.0, True)])
def test_a_page_says_that_today_moves_by_itself(language: str, change: float, moves: bool) -> None:
    row = {"scenario": "pilot_ban", "world": "status_quo", "window": "weeks 0 to weeks 9", "outcome": "hidden_overtime"}
    row |= {"unit": "h/week", "first": 1.0, "last": 1.0, "change": change, "low": 0.0, "high": 0.0, "relative": 0.0}
    with speaking(language):
        sure = answer_for("here", TABLES | {"drift": pl.DataFrame([row])}, MANIFEST).sure
        about = {"en": "oday's rules” has a drift", "zh": "注意：“现行规则”自身在模拟期末"}[language]
        assert any(about in each for each in sure) is moves


@pytest.mark.parametrize(("kind", "part"), [("comparison", "sure"), ("readings", "sentences")])
def test_a_page_warns_of_scenarios_that_differ_in_more_than_rules(kind: str, part: str) -> None:
    tables, manifest = REPORTS[kind]()
    for share, warns in ((0.2, False), (0.6, True)):
        rules = {key: {"parameters": {"lapse_share": share}, "mechanisms": {}} for key in manifest["scenarios"]}
        own = {manifest["counterfactual"]: {"parameters": {"lapse_share": 0.2}, "mechanisms": {}}}
        about = manifest | {"resolved": manifest.get("resolved", {}) | rules | own}
        assert ("differ in more than rules" in "".join(getattr(answer_for("here", tables, about), part))) is warns


def test_the_unit_of_each_column_is_given_away_with_the_tables() -> None:
    columns = {name: {"type": str(kind), "unit": "h"} for name, kind in TABLES["effects"].schema.items()}
    stored = {"effects": {"columns": columns}, "person_week": {"columns": columns}}
    first, *others = with_units(TABLES, {"tables": stored}).items()
    assert first[0] == "columns"
    assert first[1].select("table", "column").rows() == [("effects", name) for name in TABLES["effects"].columns]
    assert dict(others) == TABLES


def test_results_under_several_sets_come_from_all_of_them() -> None:
    sets = [{"name": "surveyed", "sha256": "a" * 64}, {"name": "point", "sha256": None}]
    assert dict(provenance_of({"readings": sets}, "x"))["parameter set"] == "surveyed aaaaaaaaaaaa, point"


def test_whom_no_rule_reaches_is_not_said_to_be_reached() -> None:
    """An evaluation, a design and what lies above runs count all people of an economy, a run those that rules reach."""
    cases = {(None, None): False, ("status_quo", "run"): True, ("status_quo", "comparison"): True}
    cases |= {("status_quo", kind): False for kind in ("evaluation", "design", "search", "sensitivity")}
    for (reference, kind), said in cases.items():
        size = {"replicates": 2, "people": 60, "weeks": 9}
        facts = dict(provenance_of(size | {"counterfactual": reference, "kind": kind}, "x"))
        assert ("whom the rules reach" in facts["size"]) == said


def test_an_explanation_says_on_which_firms_and_calls_no_zero_unclear() -> None:
    tables, manifest = REPORTS["explanation"]()
    frame = tables["explanation"]
    nothing = pl.col("outcome") == frame["outcome"][-1]
    zero = (pl.when(nothing).then(0.0).otherwise(name).alias(name) for name in ("effect", "low", "high"))
    share = pl.when(~nothing).then("share").alias("share")
    said = " ".join(answer_for("x", {"explanation": frame.with_columns(*zero, share)}, manifest).sentences)
    name = label("outcome", frame["outcome"][-1])
    assert f"Exactly 0: {name}." in said
    first = frame.row(0, named=True)
    assert f"{first['firms']} firms, {first['window']}." in answer_for("x", tables, manifest).sure
    assert name not in said.partition("Not clear enough")[2].partition(".")[0]


@pytest.mark.parametrize("kind", sorted(REPORTS.keys() - {"run", "comparison"}))
def test_other_kinds_have_sentences_pictures_and_tables(kind: str) -> None:
    tables, manifest = REPORTS[kind]()
    for language in LANGUAGES:
        with speaking(language):
            answer = answer_for("here", tables, manifest)
            covers = words()["interval"]["covered"][language] in "".join(answer.sure)
            assert covers == (kind == "explanation")  # not the intervals of an evaluator, of people or of emulators
            assert 2 <= len(answer.sentences) <= 5
            assert len(set(answer.sentences)) == len(answer.sentences)
            assert answer.limits
            for grid in (*answer.who, *answer.sure_grids):
                assert {len(row) for row in grid.rows} == {len(grid.heads)}
            assert (language == "zh") == bool(re.search("[\u4e00-\u9fff]", "".join(answer.sentences)))


def test_an_explanation_and_several_sets_say_what_was_found() -> None:
    said = answer_for("here", *REPORTS["explanation"]()).sentences
    assert said[0].startswith("Burnout, share above the cut-off: without “acting after hours”, ")
    assert said[1].startswith("Hidden overtime, by messages: without “acting after hours”, ")
    assert said[2] == "Not clear enough to be divided among mechanisms: waiting."
    tables, about = REPORTS["explanation"]()
    few = tables["explanation"].with_columns(low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64))
    sure = " ".join(answer_for("here", {**tables, "explanation": few}, about).sure)
    assert "fewer than 6 firms give none" in sure
    assert "Intervals cover" not in sure
    tables, about = REPORTS["readings"]()
    for count in (4, 16):
        sets = [each | {"replicates": count} for each in about["readings"]]
        assert answer_for("here", tables, about | {"readings": sets}).sure == [few_replicates(4)] * (count == 4)
    said = answer_for("here", tables, about).sentences
    assert re.match(r"Of \d+ signs of effects: \d+ the same under both, ", said[0])
    best = r"Best rule on \d+ firms .*, weeks \d.*, named where its chance is at least 95 %: Burnout, share above the "
    assert re.match(best + "cut-off: ", said[1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_verdict_on_a_target_is_beside_the_band_that_it_comes_from(language: str) -> None:
    tables, manifest = REPORTS["calibration"]()
    with speaking(language):
        answer = ANSWERS["calibration"](tables, manifest)
        verdicts = {True: words()["text"]["fit_yes"][language], False: words()["text"]["fit_no"][language]}
    grid = answer.sure_grids[0]
    band, model, verdict = (
        grid.heads.index(words()["page"][key][language]) for key in ("fit_band", "model", "verdict")
    )
    seen = set()
    for row in grid.rows:
        ends = [float(each.replace("−", "-")) for each in re.findall(r"[−\d.]+", row[band].replace(",", ""))]
        mean = float(row[model].split(" ")[0].replace("−", "-").replace(",", ""))
        low, high = {"≥": (ends[0], float("inf")), "≤": (-float("inf"), ends[0])}.get(row[band][0], (ends[0], ends[-1]))
        assert row[verdict] == verdicts[low <= mean <= high], row
        seen.add(row[band][0] in "≥≤")
    assert seen == {True, False}
    assert words()["page"]["fit_verdict"][language] in answer.sure


def test_estimates_are_told_apart_by_the_firms_that_they_compare_with() -> None:
    tables, manifest = REPORTS["evaluation"]()
    sides = [tables["estimates"].with_columns(controls=pl.lit(name)) for name in ("other_cities", "same_city")]
    both = tables | {"estimates": pl.concat(sides)}
    with speaking("en"):
        answer = answer_for("here", both, manifest)
    names = [tuple(row[:4]) for row in answer.sure_grids[0].rows]
    assert len(set(names)) == len(names) == 2 * tables["estimates"].height
    assert any("two-way fixed effects, other cities" in sentence for sentence in answer.sentences)


def test_every_table_of_a_page_is_described_by_its_kind() -> None:
    made = [each() for each in (*REPORTS.values(), *MADE.values())]
    there = {name for tables, _ in made for name in tables} | {
        "assumptions",
        "observables",
    }  # those of `offhours learn`
    assert {name for name in there if not page._description(name, "comparison")} == set()
    assert page._description("draws", "regions") != page._description("draws", "comparison")
    assert page._description("effects", "learning") != page._description("effects", "run")
    assert page._description("of_somebody", "run") == ""


def test_an_effect_that_is_exactly_zero_has_no_sign_to_be_sure_of() -> None:
    some = TABLES["effects"].with_columns(half_chance=0.0, half_parameters=0.0, share_lower=0.0)
    zero = some.with_columns(difference=0.0, low=0.0, high=0.0)
    for effects, there in ((some, True), (zero, False)):
        grids = answer_for("here", TABLES | {"effects": effects}, MANIFEST).sure_grids
        assert ("widths" in {grid.name for grid in grids}) == there


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("kind", "part"), [("touched", "log_touched"), ("search", "search_found")])
def test_a_page_without_people_who_gain_has_no_such_part(kind: str, part: str) -> None:
    text = Seen(page.html_page("here", *REPORTS[kind]())).text
    assert words()["page"][part]["en"] in text
    assert words()["page"]["who"]["en"] not in text


def test_a_sentence_begins_with_a_capital() -> None:
    with speaking("en"):
        assert plain_name("after_hours_share") == "After-hours share"


@pytest.mark.usefixtures("undrawn")
def test_a_command_to_repeat_a_fit_does_not_ship_it() -> None:
    manifest = MANIFEST | {"command": "offhours calibrate report --quick --ship --seed 3"}
    assert "offhours calibrate report --quick --seed 3" in Seen(page.html_page("here", TABLES, manifest)).text


def test_every_kind_with_figures_has_a_page() -> None:
    assert ANSWERS.keys() == plots.REGISTRY.keys()
    named = {*words()["page_kind"], *(manifest["kind"] for _, manifest in (REPORTS[kind]() for kind in CHEAP))}
    assert named | {"run", "comparison", "calibration", "sweep"} == ANSWERS.keys()


def test_results_without_a_page_are_named(call: Call, tmp_path: Path) -> None:
    with results.replacing(tmp_path / "made") as draft:
        results.write(draft, {"x": pl.DataFrame({"y": [1]})}, {"kind": "somewhat"})
    told = call("report", str(tmp_path / "made"))
    assert told.code == ResultsError.exit_code
    assert told.err.strip().endswith(f"of the kind 'somewhat'; there are of {', '.join(ANSWERS)}")
    assert not (tmp_path / "made" / "report.html").exists()
    (tmp_path / "foreign").mkdir()
    told = call("report", str(tmp_path / "foreign"))
    assert (told.code, told.err.count("\n")) == (3, 1)
    assert "is no results folder" in told.err


def test_a_page_is_written_where_it_is_wanted(call: Call, tmp_path: Path) -> None:
    with results.replacing(tmp_path / "made") as draft:
        results.write(draft, *REPORTS["explanation"]())
    told = call("report", str(tmp_path / "made"), "--lang", "zh")
    assert told.code == 0
    assert 'lang="zh-Hans"' in (tmp_path / "made" / "report_zh.html").read_text(encoding="utf-8")
    told = call("report", str(tmp_path / "made"), "--out", str(tmp_path / "made" / "manifest.json" / "x.html"))
    assert told.code == 3
    assert told.err.endswith("manifest.json is a file; a folder is needed there\n")


def test_the_words_of_the_page_are_all_used() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCES.iterdir() if path.is_file())
    quoted = set(re.findall(r"""["']([a-z_]+)["']""", text))
    assert {key.removesuffix("_bare") for key in words()["page"] if not key.startswith("limit_")} <= quoted
    assert {key.split("_")[1] for key in words()["page"] if key.startswith("limit_")} <= quoted


def test_a_manifest_says_by_which_command_and_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/somewhere/offhours", "run", "my ban.toml", "--seed", "3"])
    with results.replacing(tmp_path / "made") as draft:
        results.write(draft, {"x": pl.DataFrame({"y": [1]})}, {"kind": "run"})
    manifest = json.loads((tmp_path / "made" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == "offhours run 'my ban.toml' --seed 3"
    root = Path(provenance.__file__).parents[2]
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False).stdout
    assert manifest["commit"].rstrip("+") == head.strip()
    monkeypatch.setattr(sys, "argv", ["/usr/somewhere/sim/__main__.py", "list"])
    assert provenance.command() == "offhours list"
    monkeypatch.setattr(sys, "argv", ["/usr/bin/offhours", "sweep", "quick", "--dry-run", "--seed", "3"])
    assert provenance.command() == "offhours sweep quick --seed 3", "that command makes no results"
    parts = ["sweep", "--stop-after", "9", "quick", "--shard=1/2", "--seed", "3"]
    monkeypatch.setattr(sys, "argv", ["/usr/bin/offhours", *parts])
    assert provenance.command() == "offhours sweep quick --seed 3", "that command makes only a part of them"
    monkeypatch.setattr(sys, "argv", ["/usr/bin/offhours", "run", os.fsdecode(b"\xff.toml")])
    assert provenance.command() == r"offhours run '\udcff.toml'"
    monkeypatch.setattr(sys, "argv", ["notebook.py"])
    assert provenance.command() == ""


def test_what_an_editor_leaves_beside_the_code_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance.sim, "__file__", str(tmp_path / "__init__.py"))
    (tmp_path / "a.py").touch()
    before = provenance.code_hash.__wrapped__()
    (tmp_path / ".#a.py").symlink_to("somebody@host.1")
    assert provenance.code_hash.__wrapped__() == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_effect_for_the_firm_of_a_log_says_what_is_touched_and_what_is_borrowed(language: str) -> None:
    log = REPORTS["touched"]()
    row = {"parameter": "staff_messages", "unit": "minutes", "source": "log", "median": 5.0, "low": 4.0, "high": 6.0}
    taken = pl.DataFrame([row, row | {"parameter": "act_base", "source": "posterior"}])
    agreement = pl.DataFrame(
        [
            {
                "quantity": "log_sent",
                "role": "calibrated",
                "unit": "share",
                "log": 9.0,
                "model": 5.0,
                "low": 4.0,
                "high": 6.0,
            }
        ]
    )
    tables = {**TABLES, **log.tables, "taken": taken, "agreement": agreement}
    with speaking(language):
        answer = ANSWERS["run"](tables, MANIFEST | {"log": log.manifest["log"], "lent": "audited", "people": 60})
    assert "400" in answer.sentences[0]
    for told in (answer, answer_for("x", *log)):  # the share of a rule of hours depends on the clock
        assert re.search("times are not reliable|时间不可靠", told.sentences[1])
        assert any("18" in each for each in told.sure)
    assert any("staff_messages" in each and "act_base" not in each for each in answer.sure)
    unit = words()["unit"]["minutes"][language]
    assert any(
        f"{words()['parameter']['staff_messages'][language]}" in each and f"5.00 {unit}" in each for each in answer.sure
    )
    with speaking(language):
        lent = parameter_set("audited")
        assert label("reading", "mine_over_audited").endswith(label("reading", "audited"))
        assert parameter_set("mine_over_audited") == label("reading", "mine_over_audited") != "mine over audited"
        assert label("reading", "log_over_audited").startswith("日志" if language == "zh" else "log, ")
    assert any(lent in each for each in answer.sure)
    assert len(answer.who) > len(ANSWERS["run"](TABLES, MANIFEST).who)


def test_the_pages_of_regions_and_of_drivers_say_what_the_pictures_show() -> None:
    tables, about = MADE["regions"]()
    turns = tables["turns"].with_columns(
        explained=pl.when(pl.col("outcome") == "exhaustion").then(-0.12).otherwise(0.8)
    )
    said = answer_for("x", tables | {"turns": turns}, about).sentences
    assert "raised in one region, lowered in another, by an emulator that explains less than half" in said[0]
    assert "lowered in one region, surely raised nowhere; " in said[1]
    tables, about = MADE["sensitivity"]()
    said = answer_for("x", tables, about).sentences
    assert said[0].startswith("Burnout, share above the cut-off, the effect is moved by: ")
    still = tables["screening"].with_columns(above_chance=pl.lit(False))
    assert "show no parameter" in answer_for("x", tables | {"screening": still}, about).sentences[0]


def test_the_page_of_a_sweep_names_its_parameters_and_versions() -> None:
    tables, manifest = REPORTS["sweep"]()
    about = {"name": "surveyed", "sha256": "b" * 64, "draws": 1_000}
    drawn = manifest | {"parameters": about, "drawn": (12, 4), "versions": {"numpy": "2.5"}}
    said = " ".join(answer_for("here", tables, drawn).sure)
    assert "draws 1 to 12 of 1,000 of “surveyed”" in said
    assert "of each 4 points" in said
    facts = dict(provenance_of(drawn, "here"))
    assert (facts["parameter set"], facts["versions"]) == ("surveyed bbbbbbbbbbbb", "numpy 2.5")
    assert "arameters: " not in " ".join(answer_for("here", tables, manifest | {"parameters": None}).sure)


def test_an_interval_of_a_sweep_that_excludes_zero_does_not_end_at_it() -> None:
    tables, manifest = REPORTS["sweep"]()
    near = tables["responses"].with_columns(
        low=pl.when(pl.col("low").is_finite()).then(-0.9), high=pl.when(pl.col("low").is_finite()).then(-0.0004)
    )
    said = " ".join(answer_for("here", {**tables, "responses": near}, manifest).sentences)
    assert ", −0.04]" in said
    assert ", 0.0]" not in said


def test_what_hardly_moves_is_not_said_to_be_moved_by_nothing() -> None:
    tables, manifest = REPORTS["sweep"]()
    small = tables["responses"].with_columns(pl.col("difference") * 1e-4 - 0.03)
    said = " ".join(answer_for("here", {**tables, "responses": small}, manifest).sentences)
    assert "from −3.000 pp" in said
    assert "nothing that was varied moves it" not in said


@pytest.mark.parametrize(
    ("high", "truth", "covers", "said"),
    [
        (-0.0204, -0.0198, False, "−3.10 [−5.00, −2.04] pp; the truth is −1.98, outside the interval."),
        (-0.0196, -0.0200, True, "−3.10 [−5.00, −1.96] pp; the truth is −2.00, inside the interval."),
        (-0.0004, -0.02, True, "−3.10 [−5.00, −0.04] pp; the truth is −2.00, inside the interval."),
        (0.0004, -0.02, True, "−3.1 [−5.0, 0.0] pp; the truth is −2.0, inside the interval."),
    ],
)
def test_an_estimate_and_the_truth_have_decimals_that_show_what_is_said_of_them(
    high: float, truth: float, covers: bool, said: str
) -> None:
    made = drawable.evaluation()
    first = made["estimates"].filter(outcome="share_burnt_out").head(1)
    numbers = {"estimate": -0.031, "low": -0.05, "high": high, "truth": truth, "covers": covers}
    tables = made | {"estimates": first.with_columns(pl.lit(value).alias(name) for name, value in numbers.items())}
    manifest = drawable.overview(("staged_ban",), "evaluation") | {"uncertainty": {}}
    assert answer_for("x", tables, manifest).sentences[0].endswith(said)
    extended = tables["estimates"].with_columns(estimator=pl.lit("extended"))
    printed = {**tables, "estimates": extended}
    text = as_text(print_evaluation, printed, {**manifest, "scenario": "staged_ban"}, Path("x"))
    low, _, end, at = text.split("share burnt out, pp", 1)[1].splitlines()[0].split()[1:5]
    assert at not in (low, end)


@pytest.mark.parametrize(
    ("kind", "told"), [("learning", True), ("design", True), ("sensitivity", False), ("regions", False)]
)
def test_economies_at_each_point_are_not_said_to_be_all(kind: str, told: bool) -> None:
    tables, manifest = MADE[kind]()
    answer = answer_for("x", tables, {**manifest, "replicates": 1, "uncertainty": {}})
    assert ("They rest on 1 simulated economy." in answer.sentences) is told
