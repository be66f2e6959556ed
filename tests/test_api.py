"""The Python interface: the numbers of the command line, and nothing loaded before it is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.core.errors import InputError
from tests.conftest import Call

SMALL = {"people": 60, "years": 0.05, "replicates": 2}


def test_importing_loads_nothing_heavy() -> None:
    code = "import sys, sim; sys.exit(str([m for m in ('numpy', 'polars', 'mesa', 'numba') if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "[]"
    assert {"compare", "Workplace"} <= set(dir(sim))
    with pytest.raises(AttributeError, match="no attribute 'compares'"):
        _ = sim.compares


def test_a_run_and_a_comparison_are_those_of_the_command_line(tmp_path: Path, call: Call) -> None:
    """The same tables to the bit, from the cache that the command has filled."""
    flags = ("--people", 60, "--years", 0.05, "--replicates", 2, "--no-figures")
    call("run", "status_quo", *flags, "--out", tmp_path / "cli")
    made = sim.run("status_quo", **SMALL, out=tmp_path / "api")
    assert made.tables["levels"].equals(sim.read(tmp_path / "cli" / "status_quo").tables["levels"])
    call("compare", "status_quo", "no_instant_messaging", *flags, "--out", tmp_path / "cli")
    found = sim.compare("status_quo", "no_instant_messaging", **SMALL, out=tmp_path / "api")
    theirs = sim.read(tmp_path / "cli" / "compare_status_quo_no_instant_messaging")
    assert found.tables["effects"].equals(theirs.tables["effects"])
    assert found.manifest["kind"] == theirs.manifest["kind"] == "comparison"


def test_mistakes_are_named() -> None:
    with pytest.raises(InputError, match="each once"):
        sim.compare("status_quo")
    with pytest.raises(InputError, match="name one set"):
        sim.run("status_quo", parameters="report,audited")
    with pytest.raises(InputError, match="quiet_hours"):
        sim.load("quiet_hour")
