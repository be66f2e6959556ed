"""The patch of the page on extending adds a mechanism in four places, and everything else follows."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATCH = ROOT / "docs" / "examples" / "irritation.patch"
TRY = """
import json
from docs.generate import person_week, sections
from sim.runs.results import unit_of
from tests.worlds import ran, tiny

on, off = (ran(tiny(off=each), 7, firms=[0]).person_week() for each in ((), ("m99",)))
level = "irritation"
print(json.dumps({
    "mean": on[level].mean(), "off": off[level].abs().max(), "others": on.drop(level).equals(off.drop(level)),
    "unit": unit_of(level, on[level].dtype), "page": person_week()[level][1],
    "parameters": [title for title, names in sections() if "irritation_days" in names],
}))
"""


def test_a_mechanism_is_added_in_four_places(tmp_path: Path) -> None:
    """Rule, parameters, declaration of the state and a line of the night; off it is exactly zero and moves nothing."""
    for folder in ("sim", "docs", "tests", "scenarios", "calibration"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "images"))
    subprocess.run(["git", "apply", "-C1", str(PATCH)], cwd=tmp_path, check=True, capture_output=True)
    changed = [line[6:] for line in PATCH.read_text(encoding="utf-8").splitlines() if line.startswith("+++ b/")]
    assert changed == [
        "sim/behaviour/strain.py",
        "sim/core/columns.py",
        "sim/core/parameters.py",
        "sim/engine/wellbeing.py",
    ]
    plain = {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", TRY],
        cwd=tmp_path,
        env=os.environ | plain,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["mean"] > 0.0
    assert found["off"] == 0.0
    assert found["others"]
    assert found["unit"] == "0..1"
    assert found["page"] == "by interruptions of the last days"
    assert found["parameters"] == ["M99 irritation"]
