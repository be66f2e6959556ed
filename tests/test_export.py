"""Exports: the numbers of the tables in every format, and nothing that another program would run or misread."""

import re
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow.csv as arrow
import pytest

from sim.figures import style
from sim.figures.words import LANGUAGES
from sim.outcomes import HEADLINES
from sim.publishing import export as module
from sim.publishing.export import Source, as_latex, escaped, export
from sim.publishing.sections import Grid
from sim.report import plots
from sim.runs import results
from tests import drawable
from tests.conftest import Call

NAMES = ("pilot_ban", "quiet_hours")
DRAWN = {"name": "surveyed", "draws": 64, "sha256": "0" * 64}
ROOT = Path(__file__).resolve().parent.parent


def source(language: str = "en") -> Source:
    made = {"commit": "c0ffee", "versions": {"offhours": "7.8.9"}}
    about = drawable.overview(NAMES, uncertainty=DRAWN, people=60, weeks=104, **made)
    return Source("compare_a_b", drawable.comparison(NAMES), about, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_for_a_paper_has_its_rows_and_says_what_a_reader_has_to_know(language: str, tmp_path: Path) -> None:
    made = list(export(source(language), tmp_path, ("latex",)))
    assert {path.name for path in made} == {"headlines.tex", "shares.tex", "pays.tex"}
    text = (tmp_path / "latex" / "headlines.tex").read_text(encoding="utf-8")
    body = text.partition("\\midrule\n")[2].partition("\\bottomrule")[0].splitlines()
    heads = text.partition("\\toprule\n")[2].splitlines()[0]
    assert len(body) == 2 * len(HEADLINES)
    assert {row.count(" & ") for row in body} == {heads.count(" & ")}
    assert all(row.endswith(r"\\") for row in body)
    assert text.count("\\begin{") == text.count("\\end{")
    for said in ("60", "104", "4", "surveyed", "95", "20261125", "c0ffee", "offhours 7.8.9"):
        assert said in text.partition("\\footnotesize")[2]


def test_results_whose_report_has_no_tables_give_no_latex_and_say_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = Source("explain_a", drawable.explanation(), drawable.overview(("pilot_ban",), "explanation"), "en")
    assert list(export(made, tmp_path, ("latex",))) == []
    assert "no LaTeX: there is no report with tables on explain_a" in caplog.text


def test_results_without_a_report_are_exported_in_all_other_ways(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = source()._replace(name="targets", tables={"a": pl.DataFrame({"x": [1]})}, manifest={"kind": "targets"})
    assert {path.suffix for path in export(made, tmp_path, tuple(module.FORMATS))} == {".csv", ".xlsx"}
    assert "no LaTeX: there is no report with tables on targets" in caplog.text
    assert "no PDF: there are no figures of targets" in caplog.text


def test_a_table_that_is_too_large_is_left_out_unless_all_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = source()._replace(tables={"large": pl.DataFrame({"x": range(5_000)}), "small": pl.DataFrame({"x": [1]})})
    monkeypatch.setattr(module, "MOST_BYTES", 20_000)
    assert [path.name for path in export(made, tmp_path, ("csv",))] == ["small.csv"]
    assert "large.csv would have some 0 MB and is left out; --all writes it" in caplog.text
    whole = export(made._replace(whole=True), tmp_path, ("csv",))
    assert [path.name for path in whole] == ["large.csv", "small.csv"]


def test_every_sign_of_latex_is_escaped(tmp_path: Path) -> None:
    nasty = r"50% of $x_1$ & {y} #2 ~ ^ \input{z} < > | −1 “a”"
    text = escaped(nasty)
    assert not re.search(r"(?<!\\)[%&#_]", text)
    assert r"\input" not in text
    assert "$-$1" in text
    assert escaped("--people 5 – 6") == "-{}-{}people 5 -- 6"  # an option is no dash
    if latex := shutil.which("pdflatex"):
        page = as_latex(Grid("pays", ["", "a"], [[nasty, "[−1, +2]"], ["b", "[3, 4]"]]), [nasty], "x_y")
        start = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n"
        (tmp_path / "a.tex").write_text(f"{start}{page}\\end{{document}}\n", encoding="utf-8")
        command = [latex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "a.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout[-1500:]


def test_a_sign_that_begins_a_row_is_no_argument_of_the_row_before() -> None:
    """``\\\\*`` forbids a page break and prints no star."""
    rows = [["a", "1"], ["*own rule*", "2"], ["[other]", "3"]]
    text = as_latex(Grid("pays", ["", "x"], rows), [], "x")
    assert not re.search(r"\\\\\s*[*\[]", text)
    assert "*own rule* & 2" in text


def test_a_workbook_has_the_numbers_and_no_formulas(tmp_path: Path) -> None:
    odd = pl.DataFrame({"title": ["=1+1", "http://a.b"], "x": [0.5, float("inf")], "y": [[1], None]})
    made = source()._replace(tables={"odd": odd, "effects": source().tables["effects"]})
    [path] = export(made, tmp_path, ("xlsx",))
    with zipfile.ZipFile(path) as book:
        sheets = {name: book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name}
        strings = book.read("xl/sharedStrings.xml").decode()
    assert len(sheets) == 3
    [path] = export(made._replace(language="zh"), tmp_path, ("xlsx",))
    with zipfile.ZipFile(path) as book:
        assert {"命令", "随机种子"} <= set(re.findall("<t>([^<]*)</t>", book.read("xl/sharedStrings.xml").decode()))
    assert "<f>1+1</f>" not in "".join(sheets.values())
    assert "=1+1" in strings
    assert "hyperlink" not in "".join(sheets.values())
    assert str(made.tables["effects"]["people"][0]) in sheets["xl/worksheets/sheet3.xml"]


def test_what_is_unknown_is_empty(tmp_path: Path) -> None:
    made = source()._replace(tables={"some": pl.DataFrame({"x": [0.5, float("nan"), None]})})
    _, *rows = next(export(made, tmp_path, ("csv",))).read_text(encoding="utf-8").splitlines()
    assert rows == ["0.5", "", ""]
    with zipfile.ZipFile(next(export(made, tmp_path, ("xlsx",)))) as book:
        assert not [name for name in book.namelist() if b"#NUM!" in book.read(name)]


def test_excel_knows_csv_as_utf_8_and_other_readers_find_its_first_column(tmp_path: Path) -> None:
    made = source()._replace(tables={"some": pl.DataFrame({"规则": ["试点"]})})
    [path] = export(made, tmp_path, ("csv",))
    assert path.read_bytes() == b"\xef\xbb\xbf" + "规则\r\n试点\r\n".encode()
    assert [*pl.read_csv(path).columns, *pd.read_csv(path).columns, *arrow.read_csv(path).column_names] == 3 * ["规则"]


def test_words_of_a_table_for_a_paper_begin_at_the_left_and_numbers_end_at_the_right() -> None:
    rows = [["a rule", "h/week", "−1.2", "clear"], ["another", "sd", "+0.3", "–"], ["none", "%", "exactly 0", "clear"]]
    text = as_latex(Grid("headlines", ("rule", "unit", "change", "verdict"), rows), [], "x")
    assert r"\begin{tabular}{@{}llrl@{}}" in text


def test_figures_have_a_twin_without_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(style.SETTINGS, "pdf.fonttype", 3)  # letters as drawings, which is faster
    one = Source("a", drawable.explanation(), drawable.overview(("pilot_ban",), "explanation"), "en")
    made = [path.relative_to(tmp_path) for path in export(one, tmp_path, ("pdf",))]
    folders = ("one_column", "two_columns", "one_column/untitled", "two_columns/untitled")
    assert made == [Path("pdf") / folder / "explanation.pdf" for folder in folders]
    boxes = [re.search(rb"/MediaBox \[([^]]*)\]", (tmp_path / path).read_bytes()) for path in made]
    sizes = [[float(side) for side in box[1].split()] for box in boxes if box]
    assert [round(size[2] / 72, 2) for size in sizes] == [3.5, 7.2, 3.5, 7.2]
    assert sizes[0][3] > sizes[2][3] + 30
    assert sizes[1][3] > sizes[3][3] + 30


def test_letters_in_pdf_are_truetype_which_journals_ask_for(tmp_path: Path) -> None:
    one = Source("log", drawable.log(model=False), drawable.of_log(model=False), "zh")
    whole = next(iter(export(one, tmp_path, ("pdf",))))
    content = whole.read_bytes()
    assert content.count(b"/FontFile2") == content.count(b"/CIDFontType2") == 2  # plain letters, and Chinese ones
    assert b"/Type3" not in content
    assert b"/FontFile3" not in content


def test_what_no_column_can_hold_is_left_out_with_the_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(plots.REGISTRY, "comparison", {"forest": plots.REGISTRY["comparison"]["forest"]})
    monkeypatch.setattr(module, "save", lambda _, path: path)
    names = (*NAMES, "france_2017", "hold_delivery", "placebo")
    one = Source("a", {"effects": drawable.comparison(names)["effects"]}, drawable.overview(names), "en")
    made = {path.relative_to(tmp_path / "pdf").as_posix() for path in export(one, tmp_path, ("pdf",))}
    assert "one_column/forest.pdf" not in made
    assert made & {"two_columns/forest.pdf", "landscape/forest.pdf"}
    said = next(text for text in caplog.messages if text.startswith("pdf/one_column, 3.5 inches wide, with title"))
    assert "no forest" in said
    assert ", for it would be higher than 9.5 inches" in said
    assert list(export(one._replace(language="zh"), tmp_path, ("pdf",)))
    said = next(text for text in caplog.messages if text.startswith("pdf/one_column（宽 3.5 英寸，有标题）"))
    assert "因为高度会超过 9.5 英寸" in said


def test_the_command_writes_what_is_chosen_and_refuses_what_it_cannot(call: Call, tmp_path: Path) -> None:
    with results.replacing(tmp_path / "made") as draft:
        results.write(draft, drawable.comparison(("pilot_ban",)), drawable.overview(("pilot_ban",)))
    told = call("export", str(tmp_path / "made"), "--csv")
    assert told.code == 0
    assert {path.parent.name for path in map(Path, told.out.split())} == {"csv"}
    frame = pl.read_csv(tmp_path / "made" / "export" / "csv" / "effects.csv")
    assert frame["difference"].to_list() == drawable.comparison(("pilot_ban",))["effects"]["difference"].to_list()
    told = call("export", str(tmp_path))
    assert (told.code, told.err.count("\n")) == (3, 1)


def test_the_citation_is_of_this_version() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"\nversion: {project['version']}\n" in text
