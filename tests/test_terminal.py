"""Words of the terminal: whatever a report prints is in the table of words, and the table has nothing else."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from sim.figures.words import TABLES, spoken, words
from sim.report import console
from tests.conftest import Call

PACKAGE = Path(console.__file__).parents[1]
PRINTING = [path for path in sorted(PACKAGE.glob("report/*.py")) if "rich.console" in path.read_text("utf-8")]
SOURCES = [*PACKAGE.glob("report/*.py"), *PACKAGE.glob("studies/*.py"), *PACKAGE.glob("cli/*.py")]
TERMINAL = tomllib.loads(TABLES[1].read_text(encoding="utf-8"))
NAMES = {"headline", "by_channel", "over", "touched_rank"}  # looked up by what a table holds
ENGLISH = re.compile(r"[A-Za-z]{2,},? [a-z]{2,}")
INNER = {"[bold red]", " to weeks ", "not said", "no difference"}  # looked for in texts and tables, not printed
DERIVED = {
    ("robustness", "unclear_"),
    ("robustness", "zero_"),
    ("regions", "both"),
    ("regions", "raises"),
    ("regions", "lowers"),
    ("regions", "neither"),
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


def test_no_row_is_in_both_files() -> None:
    assert not tomllib.loads(TABLES[0].read_text(encoding="utf-8")).keys() & TERMINAL.keys()


def test_the_language_of_one_command_is_not_that_of_the_next(call: Call) -> None:
    chinese, english = call("list", "--lang", "zh").out, call("list").out
    assert "试点" in chinese
    assert "Pilot ban in two cities" in english
    assert spoken() == "en"
