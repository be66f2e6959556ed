"""Compiled code on disk: processes share it, damage and strangers are refused, and nothing stops a run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.core import code_cache, sources

ROOT = Path(__file__).parent.parent

TOY = """
import sys
from pathlib import Path
import numba
from sim.core.code_cache import CodeCache
def double(x):
    return x * 2
compiled = numba.njit(double)
compiled._cache = CodeCache(double, "toy.double", Path(sys.argv[1]))
value = float(sys.argv[2]) if "." in sys.argv[2] else int(sys.argv[2])
print(compiled(value), sum(compiled.stats.cache_misses.values()))
"""


def started(folder: Path, value: str) -> "subprocess.Popen[str]":
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NUMBA_DISABLE_JIT": "0"}
    command = [sys.executable, "-c", TOY, str(folder), value]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def ended(process: "subprocess.Popen[str]") -> tuple[str, str, str]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    result, misses = out.split()
    return result, misses, err


def test_processes_that_compile_different_forms_at_once_get_each_their_own_and_the_next_ones_compile_nothing(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "cache" / "version"
    first = [ended(process) for process in [started(folder, value) for value in ("3", "3.75")]]
    assert [result for result, *_ in first] == ["6", "7.5"]
    assert all(misses == "1" and err.startswith("Compiling double") for _, misses, err in first)
    assert [ended(started(folder, value)) for value in ("3", "3.75")] == [("6", "0", ""), ("7.5", "0", "")]
    assert sorted(path.suffix for path in folder.iterdir()) == [".code", ".code"]  # no draft is left

    for file in folder.iterdir():
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    assert not code_cache.holds(folder, ["toy.double"])
    assert ended(started(folder, "3"))[:2] == ("6", "1")  # compiled anew, and mended
    assert code_cache.holds(folder, ["toy.double"])

    folder.chmod(0o777)
    assert not code_cache.holds(folder, ["toy.double"])  # whoever can write there could let this process run anything
    result, misses, err = ended(started(folder, "3"))
    assert (result, misses) == ("6", "1")
    assert "others can write there" in err


def test_where_no_code_can_be_kept_a_line_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result, misses, err = ended(started(tmp_path / "file" / "version", "3"))
    assert (result, misses) == ("6", "1")
    assert "cannot be kept" in err
    assert "OFFHOURS_CACHE" in err


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of two modules in place of ``sim``."""
    monkeypatch.setattr(sources, "HERE", tmp_path)
    (tmp_path / "entry.py").write_text('"""Words."""\nfrom sim.rules import double\n\nVALUE = double(2)\n')
    (tmp_path / "rules.py").write_text('def double(x):\n    """Words."""\n    return x * 2  # twice\n')
    (tmp_path / "other.py").write_text("VALUE = 1\n")
    return tmp_path


def version(package: Path) -> str:
    sources._tree.cache_clear()
    sources._said.cache_clear()
    files = sources.imported_by("entry")
    assert [path.name for path in files] == ["entry.py", "rules.py"]
    return sources.digest(files)


def test_words_and_lines_decide_nothing_and_code_does(package: Path) -> None:
    before = version(package)
    (package / "rules.py").write_text('# a comment\n\ndef double(x):\n    """Other words."""\n\n    return (x\n * 2)\n')
    assert version(package) == before
    for changed in (
        "return x * 3",
        "return 2 * x",
        "return x * 2.0",
        "return x ** 2",
        'return "x" * 2',
        "return x * True",
    ):
        (package / "rules.py").write_text(f"def double(x):\n    {changed}\n")
        assert version(package) != before, changed
    (package / "rules.py").write_text("def double(x, y=1):\n    return x * 2\n")
    assert version(package) != before


def test_a_name_that_is_only_a_string_in_the_middle_is_code(package: Path) -> None:
    (package / "rules.py").write_text('def double(x):\n    """Words."""\n    "more"\n    return x\n')
    first = version(package)
    (package / "rules.py").write_text('def double(x):\n    """Words."""\n    "other"\n    return x\n')
    assert version(package) != first
