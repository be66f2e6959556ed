"""Errors and reasons in Chinese: rows are those that the code says, and the commonest of them are there."""

import ast
import errno
import functools
import importlib
import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click import exceptions, types

import sim
from sim.core.errors import InputError
from sim.evidence.clocks import clock_doubt, zones_doubt
from sim.evidence.lognumbers import PROBLEMS
from sim.evidence.targets import SETS, load_targets
from sim.evidence.tensions import tensions
from sim.figures.words import note_text, rule_name, speaking, translate, words
from sim.files.toml import read
from sim.files.validation import _WORDS
from sim.logs.texts import read_lines
from sim.report.numbers import in_brackets, unitless, written
from sim.scenario.loading import load, on_economy
from tests.conftest import Call

ENDS = " .;:,'(?"
ELSEWHERE = ("os_", "toml_")  # of the operating system, and of Python's reader of TOML
RAISED = {
    "InputError": 0,
    "ResultsError": 0,
    "BadParameter": 0,
    "ValueError": 0,
    "refusal": 0,
    "mistake": 0,
    "Damaged": 1,
    "not_there": 1,
    "worded": 2,
}  # the place of the sentence among the arguments
ONLY_IN_PYTHON = ("api.py", "levers/kinds.py", "levers/plugins.py", "engine/agents.py")
FOR_MAINTAINERS = ("calibration/shipped_posteriors.py", "experiments.py", "evidence/modelled.py")
MADE_BY_HAND = (
    "figures/",
    "outcomes.py",
    "evidence/observed.py",
    "comparing/ranking.py",
    "report/scorecard.py",
)  # tables
NEAREST = "; did you mean 'x'?"


def texts(source: str) -> set[str]:
    """The texts of a module, in parts where something is put in."""
    constants = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return {text for text in constants if isinstance(text, str)}


def test_every_note_of_a_target_and_every_contradiction_has_a_row_and_every_row_a_note() -> None:
    notes = {target.note for name in SETS for target in load_targets(name).target if target.note}
    said = notes | set(tensions()["tension"])
    assert {row["en"] for row in words()["evidence"].values()} == said
    with speaking("zh"):
        assert all(note_text(text) != text for text in said)
        assert note_text("of a file of one's own") == "of a file of one's own"
        assert note_text("for comparison only; a rank only") == "仅作对照；仅取排序"
        assert "no_tool" in note_text("not simulated here: needs the world 'no_tool' beside this one; the sign only")
    assert note_text("a rank only") == "a rank only"


def test_every_row_is_said_by_the_code() -> None:
    sources = [path.read_text("utf-8") for path in Path(sim.__file__).parent.rglob("*.py")]
    sources += [inspect.getsource(module) for module in (click.core, click.formatting, click.parser, exceptions, types)]
    said = "\n".join(text for source in sources for text in texts(source))
    unsaid = [
        (key, part)
        for key, row in words()["error"].items()
        for part in re.split(r"\{\w+\}", row["en"])
        if not key.startswith(ELSEWHERE) and part.strip(ENDS) not in said
    ]
    assert unsaid == []


def filled(node: ast.expr, module: str) -> str:
    """Write a sentence of the code with a number for what is put in; empty if it is made elsewhere."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(filled(part, module) for part in parts)
        case ast.FormattedValue(value=ast.Call(func=ast.Name(id="nearest" | "hint" | "misspelt"))):
            return NEAREST
        case ast.FormattedValue(value=ast.Name(id=name)) if name.isupper():
            return str(getattr(importlib.import_module(f"sim.{module.removesuffix('.py').replace('/', '.')}"), name))
        case ast.FormattedValue(value=ast.IfExp() | ast.Name(id="near" | "close")):
            return ""
        case ast.FormattedValue():
            return "7"
    return ""


def errors() -> Iterator[tuple[str, str]]:
    """List the sentences of errors that a command can end with, by module and line."""
    folder = Path(sim.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        module = path.relative_to(folder).as_posix()
        if module.startswith((*ONLY_IN_PYTHON, *FOR_MAINTAINERS, *MADE_BY_HAND)):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if name in RAISED and isinstance(node, ast.Call) and len(node.args) > RAISED[name]:
                yield f"{module}:{node.lineno}", filled(node.args[RAISED[name]], module)


def test_errors_of_the_commands_are_in_chinese() -> None:
    english = []
    with speaking("zh"):
        for place, text in errors():
            said = translate(text)
            if re.search("[a-z]{2} [a-z]", text.replace("--backend slurm", "")) and (
                said == text or re.search("[a-z]{2,} [a-z]{2,} [a-z]{2}", said)
            ):
                english.append((place, said))
    assert english == []


@pytest.mark.parametrize("kind", ["ENOENT", "EACCES", "EISDIR", "ENOTDIR", "EEXIST", "ENAMETOOLONG", "ENOSPC", "EROFS"])
def test_reasons_of_the_operating_system_are_in_chinese(kind: str) -> None:
    with speaking("zh"):
        said = translate(f"7 cannot be read: {os.strerror(getattr(errno, kind))}")
    assert not re.search("[a-z]", said)


def test_paths_may_hold_blanks() -> None:
    for row in words()["error"].values():
        if "{path}" in row["en"]:
            english, chinese = (
                re.sub(r"\{\w+\}", "7", row[name].replace("{path}", "my a/b c")) for name in ("en", "zh")
            )
            with speaking("zh"):
                assert translate(english) == chinese
                assert translate(f"mine.toml:3: run.people: {english}") == f"mine.toml:3: run.people: {chinese}"


def test_what_is_put_in_is_the_same_in_both_languages() -> None:
    for kind, rows in words().items():
        for key, row in rows.items():
            english, chinese = (set(re.findall(r"\{\w+\}", row[name])) for name in ("en", "zh"))
            if kind == "text" and "{month}" in english:  # a name in English
                english = english - {"{month}"} | {"{number}"} | ({"{year}"} & chinese)
            assert english == chinese, (kind, key)


ROOT = Path(sim.__file__).parents[1]
TABLES_IN_CHINESE = (
    *sorted((ROOT / "sim/figures").glob("*.toml")),
    ROOT / "sim/report/scorecard.toml",
    *sorted((ROOT / "scenarios").rglob("*.toml")),
    *(ROOT / f"calibration/{name}.toml" for name in ("experiments", "measurements")),
)
PAGES_IN_CHINESE = (ROOT / "README.zh.md", *sorted((ROOT / "docs/zh").glob("*.md")))
OTHER_WORDS = {
    "监测": "监控", "畏惧": "忌惮", "顾虑": "忌惮", "疑问": "提问", "工时外": "下班后", "作废": "作罢",
    "失效": "作罢", "突发性": "阵发性", "临界值": "界值", "外部人员": "外部联系人", "主要指标": "主要结果",
    "默认决定": "自行决定", "被动": "被迫", "任意雇佣": "自由雇佣", "弹性工时": "弹性工作时间", "分批": "集中",
    "应急": "紧急", "工资单": "考勤", "答复预期": "随时在线预期", "会话串": "话题", "面板": "调查",
    "措施": "政策工具", "后悔": "遗憾", "代理模型": "仿真器",
}  # fmt: skip
OF_OTHERS = (
    "83% 的职场人下班后被动工作",  # a claim of the report
    "强于研究中的任何措施",
    "邮件分批处理",
)  # what others did or said
CHINESE = "[\u4e00-\u9fff]"
ILL_SET = re.compile(
    rf"{CHINESE}[,;:?!()]|[,;:?!()]{CHINESE}"  # half-width signs
    rf"|{CHINESE}[0-9A-Za-z]|[0-9A-Za-z%]{CHINESE}"  # no space between
    "|[^|] [，。；：、（）“”]|[，。；：、（）] [^|]"  # a space beside a full-width sign
)
DATE = re.compile(r"(\{(year|number|day|n)\}|\d+)[年月日时]|\{\w+\}")


def in_chinese(data: object, place: str = "") -> Iterator[tuple[str, str]]:
    """List the Chinese texts of a table."""
    if isinstance(data, dict):
        for key, value in data.items():
            if isinstance(value, str) and (key == "zh" or key.endswith("_zh")):
                yield f"{place}.{key}", value
            yield from in_chinese(value, f"{place}.{key}")
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from in_chinese(value, f"{place}[{number}]")


def chinese_texts() -> Iterator[tuple[str, str]]:
    """List all Chinese texts: of tables, and lines of pages without code and addresses."""
    for path in TABLES_IN_CHINESE:
        yield from in_chinese(read(path).data, path.stem)
    for path in PAGES_IN_CHINESE:
        text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
        for line in re.sub(r"`[^`]*`|\]\([^)]*\)", "#", text).splitlines():
            yield path.name, line


def test_a_term_has_one_translation() -> None:
    found = [
        (place, other, term)
        for place, text in chinese_texts()
        for other, term in OTHER_WORDS.items()
        if other in functools.reduce(lambda left, said: left.replace(said, ""), OF_OTHERS, text)
    ]
    assert found == []


def test_chinese_is_set_with_its_own_signs_and_with_spaces_around_numbers() -> None:
    found = [(place, part.group()) for place, text in chinese_texts() for part in ILL_SET.finditer(DATE.sub("#", text))]
    assert found == []


def test_brackets_and_large_amounts_are_chinese() -> None:
    with speaking("zh"):
        assert rule_name("ban: pilot") == "禁令（试点）"
        assert in_brackets("总工时", "h/week") == "总工时 [dim]小时/周[/]"
        assert written(1.46e9, "yuan", signed=True) == unitless(1.46e9, "yuan", signed=True) == "+14.6 亿"
        assert written(-26.5e9, "yuan") == "−265 亿"
        assert written(1.12e12, "yuan") == "11,200 亿"
        assert (unitless(0.123, "share"), unitless(0.123, "share", signed=True)) == ("12.3", "+12.3")


def test_what_an_error_is_about_is_in_chinese() -> None:
    report = "error: this is a bug in offhours: Panic: x; please report"
    with speaking("zh"):
        assert translate(f"{report} the text in folder/a b.txt").endswith("请报告 folder/a b.txt 中的内容")
        assert translate(f"{report} the text above").endswith("请报告以上内容")
        said = translate(
            "a b cannot be compared with c: another seed (1 against 2); another country. Differences between other "
            "people, dates or draws say nothing about rules; name the scenario, d, to run it on the same economy"
        )
        assert said.startswith("a b 不能与 c 比较：随机种子不同（1 与 2）；国家不同。")


@pytest.mark.parametrize("text", [*_WORDS.values(), *PROBLEMS], ids=str)
def test_mistakes_in_files_and_rows_are_in_chinese(text: str) -> None:
    filled = re.sub(r"\{\w+\}", "7", text)
    with speaking("zh"):
        assert not re.search(r"[a-z]{3}", re.sub(r"(true|false|ban|mail)", "", translate(filled)))
        assert translate(f"mine.toml:3: run.people: 3: {filled}").startswith("mine.toml:3: run.people: 3: ")
        assert translate(f"{filled}; did you mean 'x'?").endswith("；是否指“x”？")
    assert translate(filled) == filled


@pytest.mark.parametrize(
    "text",
    [
        "a = = 3",
        "a",
        "a = [",
        "a = {b = 1",
        "a = 'b",
        'a = "\\ c"',
        "a = 1\na = 2",
        "[a]\n[a]",
        "[a",
        "[[a",
        "a = 1 2",
        "! = 1",
        "a = “1”",
        "\u3000a = 1",
        "a = B",
    ],
)
def test_faults_of_toml_are_in_chinese(text: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    with pytest.raises(InputError) as error, speaking("zh"):
        read(tmp_path / "mine.toml")
    with speaking("zh"):
        said = translate(str(error.value)).rpartition("mine.toml:")[2]
    assert "不是有效的 TOML：" in said
    assert not re.search(r"[a-z]{3}", said.replace("TOML", "")), said


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        (
            "mine.toml:3: ban, phase 'y': cannot hold together with levers[0] (ban, phase 'x'): they differ in the "
            "quiet window, from 20:00 to 08:00 on all days and outside each person's contract hours, on all days",
            "mine.toml:3: ban，阶段“y”：不能与 levers[0]（ban，阶段“x”）同时有效："
            "两者的静默时段不同：每天 20:00 至 08:00；各人合同工时以外，每天",
        ),
        (
            "mine.toml:4: days off of CN are known for 2001 to 2026, and not for 2027–2030; with "
            'unpublished = "statutory" statutory holidays alone are days off in such years',
            'mine.toml:4: CN 的假日已知 2001 至 2026 年，不含 2027–2030；设 unpublished = "statutory" 时',
        ),
    ],
)
def test_long_mistakes_are_in_chinese_from_their_beginning_on(text: str, chinese: str) -> None:
    with speaking("zh"):
        assert translate(text).startswith(chinese)


def test_amounts_in_another_currency_are_refused_with_what_to_do_in_both_languages() -> None:
    with pytest.raises(InputError) as error:
        on_economy(load("france_2017"), load("france"))
    assert 'write a scenario with base = "france"' in str(error.value)
    with speaking("zh"):
        said = translate(str(error.value))
    assert "economy" not in said, said
    assert "docs/countries.md" in said
    assert "France" not in said


def test_a_table_that_is_not_in_utf_8_is_met_with_the_encoding_of_chinese_ones_first(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes("发送者,b\n张,1\n".encode("gb18030"))
    with pytest.raises(InputError) as error:
        list(read_lines(path, "utf-8"))
    with speaking("zh"):
        said = translate(str(error.value))
    assert str(error.value).endswith("as in --encoding gb18030; cp1252 is for Western Europe")
    assert said.endswith("中文文件如 --encoding gb18030，西欧文字用 cp1252")


def test_doubts_about_a_clock_are_in_chinese() -> None:
    import numpy as np

    flat, noon, turned = np.ones((7, 24)), np.zeros((7, 24)), np.ones((7, 24))
    noon[:, 12] = 1.0
    turned[:, 9:17] = 0.01
    people = np.array([13.0] * 40 + [20.0] * 20)
    doubts = [clock_doubt(each.ravel()) for each in (flat, noon, turned, np.zeros((7, 24)))] + [zones_doubt(people)]
    with speaking("zh"):
        for doubt in doubts:
            assert doubt
            assert translate(doubt) != doubt


def test_what_is_wrong_with_the_entries_of_a_log_is_in_chinese() -> None:
    text = (
        "a b.csv: none of 1,100 entries can be used: 1,000 with unreadable time, 99 with no sender, 1 with no recipient"
    )
    said = "a b.csv: 1,100 条记录均不可用：1,000 条时间无法读取，99 条无发送者，1 条无收件人"
    with speaking("zh"):
        assert translate(text) == said
        rest = "the first is 'x', and times are needed as in 2026, or with --time-format '%d' as in 31"
        assert translate(f"{text}; {rest}").startswith(
            f"{said}；第一个是“x”，而时间的写法应如 2026，或用 --time-format"
        )


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("run", "pilot_bann"), "错误：没有名为“pilot_bann”的情景；是否指“pilot_ban”？"),
        (("run", "pilot_ban", "--peple", "3"), "错误：没有选项“--peple”。（是否指：'--people'"),
        (("runn",), "错误：没有命令“runn”。"),
        (("observe",), "错误：缺少参数“LOG”。"),
        (("run", "pilot_ban", "--people", "x"), "错误：'--people' 的值无效：“x”不是整数。"),
        (("observe", "none.csv"), "错误：none.csv: 没有这个文件"),
        (("observe", "none.xyz"), "错误：none.xyz: 不能读取“.xyz”类日志；可选："),
        (("report", "nowhere"), "没有文件夹 "),
        (("observe", "none.csv", "--hours", "9"), "的值无效：“9”：需要两个时刻，如 9-18"),
    ],
)
def test_the_command_line_refuses_in_the_language_that_it_was_asked_in(
    command: tuple[str, ...], expected: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = call(*command, "--lang", "zh")
    assert done.code in (2, 3)
    assert expected in done.err
    assert "错误" not in call(*command).err
