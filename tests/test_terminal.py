"""Words of the terminal: whatever a report prints is in the table of words, and the table has nothing else."""

import ast
import io
import itertools
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from sim.calibration.shipped_posteriors import read_fit
from sim.figures.words import (
    LANGUAGES,
    NO_END,
    NO_START,
    TABLES,
    break_points,
    counted,
    in_number,
    language_in_force,
    phrase,
    speaking,
    translate,
    words,
)
from sim.files.shipped import CALIBRATION
from sim.publishing.answers import answer_for
from sim.report import console
from sim.report.targets import print_agreement, print_calibration
from tests.conftest import Call

PACKAGE = Path(console.__file__).parents[1]
PRINTING = [path for path in sorted(PACKAGE.glob("report/*.py")) if "rich.console" in path.read_text("utf-8")]
LAYERS = (
    "calibration",
    "cli",
    "comparing",
    "learning",
    "publishing",
    "report",
    "search",
    "sensitivity",
    "studies",
    "sweeps",
)
SOURCES = [path for layer in LAYERS for path in PACKAGE.glob(f"{layer}/*.py")]
SAYING = {"note", "print_note", "line", "update", "print", "echo", "status", "say", "steps", "shown"}  # they print
TERMINAL = tomllib.loads(TABLES[1].read_text(encoding="utf-8"))
NAMES = {"headline", "by_channel", "over", "touched_rank", "claim", "claim_name", "account"}  # looked up by a name
ENGLISH = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")
INNER = {"[bold red]", " to weeks ", "not said", "no difference"}  # looked for in texts and tables, not printed
DERIVED = {
    ("log", "duplicates"),
    ("log", "unfinished"),
    ("robustness", "unclear_"),
    ("robustness", "zero_"),
    ("regions", "both"),
    ("regions", "raises"),
    ("regions", "lowers"),
    ("regions", "neither"),
    ("search", "by_"),
}  # by what a table holds; fmt: skip
REFUSALS = {"coefficients", "_filled"}  # functions whose texts are errors, or lie in a table of their own


def said_in(tree: ast.Module) -> list[str]:
    """The texts of a module but for docstrings and what is raised."""
    silent: set[int] = set()
    for node in ast.walk(tree):
        refused = isinstance(node, ast.FunctionDef) and node.name in REFUSALS
        if refused or isinstance(node, ast.Raise):
            silent |= {id(each) for each in ast.walk(node)}
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            silent.add(id(node.value))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent
    ]


@pytest.mark.parametrize("path", PRINTING, ids=lambda path: path.stem)
def test_no_report_says_a_sentence_that_is_not_in_the_table(path: Path) -> None:
    found = [text for text in said_in(ast.parse(path.read_text(encoding="utf-8"))) if ENGLISH.search(text)]
    assert set(found) <= INNER


def test_a_sentence_beside_the_table_would_be_found() -> None:
    tree = ast.parse('def report(n):\n    """What it does."""\n    return f"{n} firms are compared"\n')
    assert [text for text in said_in(tree) if ENGLISH.search(text)] == [" firms are compared"]


def english_in_calls(tree: ast.Module) -> list[str]:
    """The English that is given to a function that prints."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    printing = [node for node in calls if getattr(node.func, "id", getattr(node.func, "attr", "")) in SAYING]
    given = [each for node in printing for each in (*node.args, *(named.value for named in node.keywords))]
    texts = [each for part in given for each in ast.walk(part) if isinstance(each, ast.Constant)]
    return [each.value for each in texts if isinstance(each.value, str) and ENGLISH.search(each.value)]


def test_no_command_says_a_sentence_that_is_not_in_the_table() -> None:
    assert english_in_calls(ast.parse('print_note(setup, f"{n} of {m}: parameters of {name}")')) == [": parameters of "]
    found = {}
    with speaking("zh"):
        for path in SOURCES:
            said = english_in_calls(ast.parse(path.read_text(encoding="utf-8")))
            if texts := [text for text in said if text not in INNER and translate(text) == text]:
                found[path.relative_to(PACKAGE).as_posix()] = texts
    assert found == {}


def test_the_table_has_what_is_said_and_nothing_else() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    literal = set(re.findall(r'\bphrase\(\s*"(\w+)",\s*"(\w+)"', text))
    assert {pair for pair in literal if pair[1] not in words().get(pair[0], {})} == set()
    built = DERIVED | set(re.findall(r'\bphrase\(\s*"(\w+)",\s*f"(\w+_)\{', text))
    quoted = set(re.findall(r'"(\w+)"', text))
    unsaid = [
        f"{kind}.{key}"
        for kind, rows in TERMINAL.items()
        if kind not in NAMES
        for key in rows
        if key not in quoted and not any(kind == of and key.startswith(start) for of, start in built)
    ]
    assert unsaid == []


def test_one_of_a_thing_is_called_in_the_singular() -> None:
    """Every English row, with the number 1 wherever something is put in: no plural follows but a verb."""
    no = "adds are as axis belongs by consists differs does excludes fails has holds is lacks lies names needs of says "
    no = rf"(?!(?:{'|'.join((no + 'reads sends to was').split())})\b)"
    plural = re.compile(rf"(?<![\w.,–−/-])1 {no}(?:[a-z]+ )??{no}(?:[a-z]+s|people)\b")
    assert plural.search("1 new rules")
    assert not plural.search("2.1 new rules, 1 rule")
    found = {}
    for kind, rows in words().items():
        for key, row in rows.items():
            text = in_number(re.sub(r"\{\w+\}", "1", row["en"]))
            if wrong := plural.search(text):
                found[f"{kind}.{key}"] = wrong[0]
    assert found == {}


COUNTS = {  # parts of English rows in which a number stands
    "all", "cells", "combinations", "comparisons", "conditions", "done", "draws", "drawn", "entries", "failed", "files",
    "firms", "good", "hits", "left", "means", "missed", "missing", "of", "pairs", "pilots", "planned", "replicates",
    "rows", "runs", "shown", "simulations", "synthetic", "tight", "used", "weeks", "worlds", "years",
}  # fmt: skip


def test_one_of_a_thing_has_a_verb_in_the_singular() -> None:
    plural = re.compile(r"(?<![\w.,–−/-])1 (?:\w+ ){0,3}?(?:are|have|were)\b")
    assert plural.search("1 of them are missing")
    assert not plural.search("21 of them are missing; 1 of them is")
    found = {}
    for kind, rows in words().items():
        for key, row in rows.items():
            text = in_number(re.sub(r"\{(\w+)\}", lambda part: "1" if part[1] in COUNTS else "x", row["en"]))
            if kind != "error" and (wrong := plural.search(text)):
                found[f"{kind}.{key}"] = wrong[0]
    assert found == {}


def test_other_numbers_stay_in_the_plural() -> None:
    assert (counted(1, "person"), counted(1200, "person")) == ("1 person", "1,200 people")
    text = "1 years, 1 worlds are done, 11 years, 0.1 years, 2.1 years, weeks 1 to 5, 1,001 people, 1 rule sets, 0 rows"
    assert in_number(text) == (
        "1 year, 1 world is done, 11 years, 0.1 years, 2.1 years, weeks 1 to 5, 1,001 people, 1 rule set, 0 rows"
    )


@pytest.mark.parametrize(("kind", "key"), [("learning", "reading"), ("drivers", "numbers")])
def test_what_names_a_parameter_is_told_apart_from_the_interval_beside_it(kind: str, key: str) -> None:
    said = {language: TERMINAL[kind][key][language] for language in LANGUAGES}
    assert "is of something else" in said["en"]
    assert "may be wider than the" in said["en"]
    assert "可能比" in said["zh"]


def test_titles_and_paths_keep_their_plurals() -> None:
    assert phrase("run", "results", folder="my 1 firms") == "Results: my 1 firms."
    assert "“Plan of 1 years”" in phrase("comparison", "title", rules="“Plan of 1 years”", reference="x")
    assert phrase("learning", "failed", count=1) == "Left out as failed: 1 draw."
    assert translate("my 1 firms.toml: axes: 1 values to check in all scenarios; at most 1") == (
        "my 1 firms.toml: axes: 1 value to check in all scenarios; at most 1"
    )
    failed = "figures could not be drawn: 1 rows; the tables are complete, `offhours plot 'my 1 runs'` tries again"
    assert translate(failed) == failed


def test_where_parts_of_a_chinese_sentence_meet_there_is_no_space() -> None:
    with speaking("zh"):
        assert phrase("plain", "zero", name="时间 ", before="小时 5 元") == "时间在有无规则时完全相同：小时 5 元。"
        folder = "我们 的 结果"  # blanks of a name are its own
        assert folder in phrase("run", "report", file=f"{folder}/report.html")
        assert phrase("text", "weekdays").count(" ") == 6
    assert phrase("plain", "zero", name="时间", before="小时 周").endswith("小时 周.")


def test_a_command_with_a_chinese_folder_stays_in_one_line() -> None:
    command = "`offhours report '我们 的 结果'`"
    assert [piece.strip() for piece in break_points(f"用 {command} 制作报告")][1:2] == [command]


def test_firms_that_have_brackets_of_their_own_stand_in_none() -> None:
    about = {"firms": "8 家企业（凡有规则的情景都涉及）", "window": "第 1–2 周", "over": "企业"}
    with speaking("zh"):
        for key in ("best", "best_none"):
            assert phrase("comparison", key, **about).count("（") == 1


def test_no_line_of_the_title_of_a_table_begins_with_a_comma() -> None:
    for width in range(20, 40):
        table = console.grid("甲", "乙", title="我们这样的企业：静默时段加离线权，工会委员会的提案，含软件部门")
        table.add_row("一", "二")
        lines = console.as_text(console.show, table, width=width).splitlines()
        assert len(lines) > 4
        assert not [line for line in lines if line.startswith("，")], width


def test_a_table_that_is_shown_twice_has_its_title_twice() -> None:
    table = console.grid("a", "b", title="A title")
    once, again = (console.as_text(console.show, table) for _ in range(2))
    assert once == again
    assert once.startswith("A title\n")


def test_no_row_is_in_both_files() -> None:
    assert not tomllib.loads(TABLES[0].read_text(encoding="utf-8")).keys() & TERMINAL.keys()


def test_the_language_of_one_command_is_not_that_of_the_next(call: Call) -> None:
    chinese, english = call("list", "--lang", "zh").out, call("list").out
    assert "试点" in chinese
    assert "Pilot ban in two cities" in english
    assert language_in_force() == "en"


def test_a_narrow_terminal_breaks_cells_and_cuts_none() -> None:
    rows = [(f"outcome number {n}", *(f"{place}.{n:04d} to +{place}1.5{n}" for place in range(4))) for n in range(3)]

    def report(page: Console) -> None:
        table = console.grid("outcome", *(f"heading {place}" for place in range(4)), numbers=True)
        for row in rows:
            table.add_row(*row)
        console.show(page, table)

    cells = ["outcome", *(f"heading {place}" for place in range(4)), *(cell for row in rows for cell in row)]
    signs = {sign: sum(cell.count(sign) for cell in cells) for sign in {*"".join(cells)} - {" "}}
    for width in range(30, 120):
        text = console.as_text(report, width=width)
        assert max(map(len, text.splitlines())) <= width
        assert {sign: text.count(sign) for sign in signs} == signs, width


def test_a_line_with_a_path_breaks_on_a_terminal_alone_and_the_path_never() -> None:
    path = "results/" + "a" * 90
    text = f"{'some words ' * 12}are in {path}"
    shown = {}
    for terminal in (False, True):
        page = io.StringIO()
        about: dict[str, Any] = {"width": 80, "color_system": None, "legacy_windows": False}
        console.line(Console(file=page, force_terminal=terminal, **about), text, wrap=False)
        shown[terminal] = page.getvalue().splitlines()
    assert shown[False] == [text]
    assert shown[True][-1] == path
    assert max(map(len, shown[True][:-1])) <= 80
    assert " ".join(shown[True]).split() == text.split()


@pytest.mark.parametrize("terminal", [False, True])
def test_a_path_with_colons_is_printed_as_it_is(terminal: bool) -> None:
    """A console would make a picture of a word between two colons."""
    page = io.StringIO()
    console.line(Console(file=page, force_terminal=terminal, width=80), "at:warning:noon [x]", wrap=False)
    assert page.getvalue() == "at:warning:noon [x]\n"


def tabled(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Callable[[Console], None]:
    """Make what prints a table of numbers."""

    def report(page: Console) -> None:
        table = console.grid(*heads, numbers=True)
        for row in rows:
            table.add_row(*row)
        console.show(page, table)

    return report


def test_names_are_broken_before_numbers_are_and_never_vanish() -> None:
    name, interval = "倦怠（超过界值的人数占比）", "−45.8 至 +30.5"
    report = tabled(("结果", "变化", "区间"), [(name, "−1.1", interval)])
    for width in range(18, 60):
        text = console.as_text(report, width=width)
        assert width < 40 or interval in text, width
        assert max(map(cell_len, text.splitlines())) <= width
        assert {*name, *interval} <= {*text}, width


def test_no_word_and_number_is_broken_where_there_is_space_for_each_in_its_column() -> None:
    """As of what to measure next: half of a number would be another number."""
    rows = (
        ("panel before and after the rule", "200/1,000/5,000", "110/230/830", "8/18/25 ± 15 %", "100 %", "<1 %"),
        ("confidentiality of a questionnaire", "500/2,000/10,000", "80/170/650", "18/20/20 ± 27 %", "24 %", "<1 %"),
    )
    heads = ("measurement", "people", "thousand yuan", "variance removed", "known exactly", "regret removed")

    report = tabled(heads, rows)
    whole = {word for cell in (*heads, *itertools.chain(*rows)) for word in cell.split()}
    for width in range(81, 120):
        assert set(console.as_text(report, width=width).replace("─", "").split()) <= whole, width


def test_where_not_even_words_have_space_numbers_are_whole() -> None:
    rows = (
        ("panel before and after the rule", "200\n1,000\n5,000", "110\n230", "8\n25 ± 15 %", "100 %", "<1 %"),
        ("confidentiality of a questionnaire", "500\n10,000", "80\n650", "18\n20 ± 27 %", "24 %", "<1 %"),
    )
    heads = ("measurement", "people", "thousand\nyuan", "variance\nremoved", "known\nexactly", "regret\nremoved")

    report = tabled(heads, rows)
    numbers = sorted(word for cell in itertools.chain(*rows) for word in cell.split() if re.search(r"\d", word))
    for width in range(35, 80):
        text = console.as_text(report, width=width)
        assert max(map(len, text.splitlines())) <= width
        assert sorted(word for word in text.split() if re.search(r"\d", word)) == numbers, width
        assert width < 50 or "questionnaire" in text, width


def test_no_line_begins_with_the_sign_of_per_cent_or_a_bracket_that_closes() -> None:
    assert [each.plain for each in console.wrapped(Text("a chance of 70 % or so"), 14)] == ["a chance of", "70 % or so"]
    assert [each.plain for each in console.wrapped(Text("独立来源 (报告来源)"), 18)] == ["独立来源 (报告来", "源)"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_parameters_of_two_fits_have_whole_names_and_plain_numbers_in_80_columns(language: str) -> None:
    row = {"parameter": "exhaustion_detachment", "gap": -0.001, "low_gap": 0.2, "high_gap": -0.3, "sd_ratio": 1.0}
    row |= {"first_mean": -1.36, "first_sd": 172.5, "second_mean": 2900.0, "second_sd": 0.05, "apart": 0.1}
    tables = {"agreement": pl.DataFrame([row]), "card": pl.DataFrame()}
    with speaking(language):
        text = console.as_text(print_agreement, tables, {}, Path("x"), width=80)
    assert "exhaustion_detachment" in text
    assert {"−1.36", "172.5", "2,900", "0.00"} <= set(text.split())
    assert max(map(cell_len, text.splitlines())) <= 80


@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_of_a_fit_have_units(language: str) -> None:
    fit = read_fit(CALIBRATION / "posterior_surveyed.json")
    with speaking(language):
        text = console.as_text(print_calibration, fit.tables, fit.manifest, Path("x"))
        assert ("(min/day)" if language == "en" else "处理消息时间 分钟/天 ") in text
    coverage, error = (100 * fit.manifest[key] for key in ("coverage_of_90", "coverage_error"))
    assert f"{coverage:.1f} ± {error:.1f}" in text


def test_a_target_without_a_band_is_neither_hit_nor_missed() -> None:
    fit = read_fit(CALIBRATION / "posterior_surveyed.json")
    own = (pl.col("role") == "calibrated") & ~pl.col("within")
    bare = {name: pl.when(~own).then(name) for name in ("low", "high", "within")}
    card = fit.tables["card"].with_columns(**bare)
    fitted = card.filter(role="calibrated")
    scored = fitted["within"].drop_nulls()
    assert 0 < len(scored) < fitted.height
    tables = {**fit.tables, "card": card}
    assert " no " not in console.as_text(print_calibration, tables, fit.manifest, Path("x")).partition("Identified")[0]
    answer = answer_for("x", tables, fit.manifest)
    assert answer.sentences[0] == (
        f"Of {len(scored)} figures that the model was fitted to, it reproduces {len(scored)} within their bands. "
        f"No band is named for {fitted.height - len(scored)} more."
    )
    assert {cells[-1] for cells in answer.sure_grids[0].rows[: fitted.height]} == {"hit", "–"}


def test_the_title_of_an_own_set_is_printed_as_it_is() -> None:
    """Brackets were taken for mark-up: "Our firm [b]" lost its end."""
    fit = read_fit(CALIBRATION / "posterior_surveyed.json")
    about = {**fit.manifest, "targets": "mine", "title": "Our firm [b]"}
    for language in LANGUAGES:
        with speaking(language):
            assert "Our firm [b]" in console.as_text(print_calibration, fit.tables, about, Path("x"))


def test_a_fit_without_synthetic_worlds_says_that_its_coverage_is_unknown() -> None:
    fit = read_fit(CALIBRATION / "posterior_surveyed.json")
    about = {**fit.manifest, "synthetic_worlds": 0, "coverage_of_90": None, "coverage_error": None}
    text = " ".join(console.as_text(print_calibration, fit.tables, about, Path("x")).split())
    assert "No synthetic world left enough draws to be counted" in text
    assert "± –" in " ".join(
        console.as_text(print_calibration, fit.tables, {**about, "synthetic_worlds": 1}, Path("x")).split()
    )


def test_a_command_is_not_broken_so_that_it_can_be_copied() -> None:
    for width in range(30, 70):
        page = io.StringIO()
        wide = Console(file=page, width=width, color_system=None, legacy_windows=False)
        console.say(
            wide, "A page for those who decide comes of `offhours report out/pilot_ban`, as they read no terminal."
        )
        assert "`offhours report out/pilot_ban`" in page.getvalue()
        assert max(map(len, page.getvalue().splitlines())) <= max(width, 33)


def test_chinese_lines_break_where_they_may() -> None:
    text = "区间 −0.354 至 +0.169，含零（共 1,000 次抽样）。" * 3
    for width in range(12, 60):
        lines = [each.plain for each in console.wrapped(Text(text), width)]
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert max(map(cell_len, lines)) <= width
        assert not any(each[0] in NO_START or each[-1] in NO_END for each in lines)
        assert all(number in " ".join(lines) for number in ("−0.354", "+0.169", "1,000"))
