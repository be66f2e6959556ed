"""The documentation agrees with the code: lists are up to date, names exist, and what is shown as code runs."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from docs import claims
from docs.generate import FROM_RUN, PAGES, SUMS, compared, held, held_against, stored
from sim import outcomes
from sim.comparing import effects as compare
from sim.comparing.comparison import displacement, drift, work
from sim.core import columns
from sim.core.parameters import MECHANISMS, TABLE
from sim.evidence import agreement, targets, tensions
from sim.evidence.quantities import QUANTITIES
from sim.files.shipped import CALIBRATION
from sim.levers.kinds import kinds
from sim.runs.results import unit_of
from sim.runs.simulation import run
from sim.scenario.loading import changed, load
from sim.scenario.parameter_draws import SETS
from sim.scenario.schema import Scenario

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {path.parent.name for path in (ROOT / "sim").glob("*/__init__.py")}
DOCS = ROOT / "docs"
TEXTS = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
PARAMETERS = {row.name for row in TABLE}


def names_in(page: str) -> set[str]:
    """Collect what stands in code quotes, formulas included."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return set(CODE.findall(text)) | {name.replace("\\_", "_") for name in re.findall(r"\\mathtt\{([^}]+)\}", text)}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_is_a_list_is_up_to_date(name):
    message = f"docs/{name} is out of date: write it anew with `python -m docs.generate`"
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), message


def test_every_parameter_is_in_the_page_of_parameters():
    assert names_in("parameters.md") >= PARAMETERS | MECHANISMS.keys()


@pytest.mark.parametrize("kind", [columns.State, columns.Seat, columns.Firm, columns.Rule])
def test_every_column_of_the_engine_is_in_the_page_of_tables(kind):
    assert names_in("tables.md") >= set(kind._fields)


def test_every_sum_of_the_week_is_defined():
    assert SUMS.keys() == set(columns.Ledger._fields)


def test_every_set_of_targets_is_in_the_page_of_tables():
    assert held_against().keys() >= set(SETS)


def test_every_outcome_is_in_the_page_of_tables():
    assert names_in("tables.md") >= {outcome.name for outcome in outcomes.OUTCOMES}


@pytest.mark.parametrize("page", ["comparing.md", "reading-results.md"])
def test_pages_count_the_outcomes_that_there_are(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    counted = re.findall(r"(?:and|of the) (\d+) outcomes", text)
    assert counted
    assert set(counted) == {str(len(outcomes.OUTCOMES))}


@pytest.fixture(scope="module")
def tables():
    """Tables of a small comparison, as they are stored."""
    base = changed(load("status_quo"), people=60, years=0.1, replicates=1)
    lever = {"kind": "quiet_hours", "mode": "hold"}
    rules = Scenario.model_validate(base.model_dump() | {"name": "held", "levers": [lever]})
    found = run(rules, base)
    found["effects"] = compare.effects(found, rules, base)
    found["displacement"] = displacement(found, rules, base)
    found["levels"] = compare.contrasts(found, base, None)
    found["work"] = work(found, rules, base)
    found["drift"] = drift(found, rules, base)
    card = agreement.scorecard(found, targets.load_targets("report"))
    return found | {"report": card, "tensions": tensions.tensions()}


@pytest.mark.slow
def test_the_tables_from_runs_can_be_written_anew(tables):
    for page in ("reading-results.md", "limits.md"):
        assert len(FROM_RUN.findall((DOCS / page).read_text(encoding="utf-8"))) == 1, page
    effect = tables["effects"].filter(group="all", outcome="hidden_overtime").row(0, named=True)
    assert compared(effect)[0] == "Hidden overtime, by messages, h/week"
    target = tables["report"].filter(observable="message_minutes").row(0, named=True)
    assert held(target)[-2:] == ("105.0 to 135.0", "yes" if target["within"] else "no")


TABLES = {name: columns for name, (_, columns) in (stored() | held_against()).items() if columns}


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
def test_every_stored_column_is_defined_in_its_order(tables, name):
    written = list(TABLES[name])
    if name == "firm_week":  # the page says that sums and means follow, in the columns of person_week
        written += [column for column in TABLES["person_week"] if column not in written and column != "person"]
    assert tables[name].columns == written


@pytest.mark.slow
@pytest.mark.parametrize("name", ["people", "firms", "person_week", "firm_week", "hours", "message_sample"])
def test_units_are_those_of_the_manifest(tables, name):
    shown = {column: unit for column, (unit, _) in TABLES[name].items()}
    kept = {column: unit_of(column, kind) for column, kind in tables[name].schema.items() if column in shown}
    assert shown == kept


def test_the_protocol_names_every_parameter():
    assert names_in("odd.md") >= PARAMETERS


def rules_of_behaviour() -> set[str]:
    modules = (ROOT / "sim" / "behaviour").glob("*.py")
    return {
        name
        for module in modules
        for name in re.findall(r"^@rule\ndef (\w+)", module.read_text(encoding="utf-8"), re.MULTILINE)
    }


def test_the_protocol_names_every_rule_of_behaviour():
    assert names_in("odd.md") >= rules_of_behaviour()


def test_what_the_protocol_quotes_exists():
    known = PARAMETERS | MECHANISMS.keys() | {outcome.name for outcome in outcomes.OUTCOMES} | set(columns.CHANNELS)
    known |= rules_of_behaviour()
    known |= {"Employee", "Manager", "code", "firm_size_median", "firm_size_sigma", "make targets", "make verify"}
    known |= {"firm_size_tail", "firm_size_tail_from", "holidays", "unpublished", "hours"}
    unknown = {name for name in names_in("odd.md") - known if not (ROOT / name).exists()}
    assert not unknown


def test_the_parameters_that_other_pages_quote_exist():
    for page in ("evidence.md", "limits.md"):
        table = [line for line in (DOCS / page).read_text(encoding="utf-8").splitlines() if line.startswith("|")]
        quoted = {name for line in table for name in CODE.findall(line) if re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", name)}
        levers = {name for kind in kinds() for name in (kind, *kinds()[kind].model_fields)}
        scenarios = {path.stem for path in (ROOT / "scenarios").glob("*.toml")}
        assert quoted - PARAMETERS - levers - scenarios - QUANTITIES.keys() == set(), page


def test_every_section_of_the_evidence_that_is_cited_exists():
    headings = set(re.findall(r"^## (E\d+) ", (DOCS / "evidence.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert headings >= {f"E{number}" for number in range(1, 10)}
    assert {name for row in TABLE for name in re.findall(r"\[(E\d+)\]", row.source)} <= headings


def test_what_was_tested_counts_misses_and_claims_as_their_own_pages_do():
    page = (DOCS / "tested.md").read_text(encoding="utf-8")
    cards = {name: json.loads((CALIBRATION / f"posterior_{name}.json").read_text())["card"] for name in SETS}
    for name, card in cards.items():
        within = [row["within"] for row in card if row["role"] == "calibrated"]
        assert f"`{name}` {'misses ' * (name == 'surveyed')}{within.count(False)} of {len(within)}" in page
    checks = pl.read_csv(DOCS / "claims" / "checks.csv").to_dicts()
    found = [
        claims.verdict(claim, [row for row in checks if claim.id in row["claims"].split(", ")])
        for claim in tensions.load_claims().claim
    ]
    count = {verdict: found.count(verdict) for verdict in ("missed", "reproduced", "open")}
    come = "comes" if count["reproduced"] == 1 else "come"
    for verdict, words in (("missed", "missed, which"), ("reproduced", f"{come} out, which"), ("open", "open, for")):
        assert f"{count[verdict]} {words}" in page


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.name)
def test_links_lead_to_files_that_are_there(text):
    there = [link.split("#")[0] for link in LINK.findall(text.read_text(encoding="utf-8")) if "://" not in link]
    missing = [link for link in there if link and not (text.parent / link).exists()]
    assert not missing


@pytest.mark.slow
def test_the_python_blocks_of_the_page_on_extending_run(capsys):
    blocks = PYTHON.findall((DOCS / "extending.md").read_text(encoding="utf-8"))
    assert len(blocks) >= 6
    names: dict[str, object] = {"__name__": "extending"}
    for block in blocks:
        exec(compile(block, "docs/extending.md", "exec"), names)
    assert "hidden_overtime_minutes" in capsys.readouterr().out


def test_the_page_on_the_engine_tells_of_every_module():
    told = names_in("design.md")
    modules = {path.stem for path in (ROOT / "sim").glob("*.py")} - {"__init__"}
    assert told >= modules | PACKAGES


@pytest.mark.parametrize("package", sorted(PACKAGES - {"figures"}))
def test_a_package_names_its_modules(package: str):
    folder = ROOT / "sim" / package
    told = set(re.findall(r"``(\w+)``", (folder / "__init__.py").read_text(encoding="utf-8")))
    assert told >= {path.stem for path in folder.glob("*.py")} - {"__init__"}


def test_commands_in_the_read_me_exist():
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = re.findall(r"(?:`|^)make ([a-z][a-z-]*)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert told
    assert set(told) <= there
