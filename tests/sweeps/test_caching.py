"""Many processes compile at the same time, different forms of one function: no later process gets the wrong code."""

import os
import subprocess
import sys
from pathlib import Path

from tests.sweeps.helpers import ROOT

TOY = """
import os, sys
from pathlib import Path
from sim.sweeps.caching import private, publish_code
shared = Path(sys.argv[1])
own = private(shared)
os.environ["NUMBA_CACHE_DIR"] = str(own)
sys.path.insert(0, sys.argv[2])
import toy
value = float(sys.argv[3]) if "." in sys.argv[3] else int(sys.argv[3])
print(toy.double(value), len(toy.double.stats.cache_misses), publish_code(own, shared))
"""


def started(folder: Path, value: str) -> "subprocess.Popen[str]":
    arguments = [sys.executable, "-c", TOY, str(folder / "shared" / "code"), str(folder), value]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder), "NUMBA_DISABLE_JIT": "0"}
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def said(process: "subprocess.Popen[str]") -> list[str]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.split()


def test_many_cold_processes_publish_once_and_nobody_gets_the_code_of_another_form(tmp_path: Path) -> None:
    (tmp_path / "toy.py").write_text(
        "import numba\n@numba.njit(cache=True)\ndef double(x):\n    return x * 2\n", encoding="utf-8"
    )
    values = ["3", "3.75"] * 3
    found = [said(process) for process in [started(tmp_path, value) for value in values]]
    assert [result for result, *_ in found] == ["6", "7.5"] * 3
    assert [published for *_, published in found].count("True") == 1
    later = [said(started(tmp_path, value)) for value in ("3", "3.75")]
    assert [result for result, *_ in later] == ["6", "7.5"]
    assert sorted(misses for _, misses, _ in later) == ["0", "1"]  # one form was published, the other is compiled
    assert not list(tmp_path.glob("offhours-code-*"))  # each process has removed its own folder
    assert [path.name for path in (tmp_path / "shared").iterdir()] == ["code"]
