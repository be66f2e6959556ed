"""Compiled code on disk: processes share it, damage and strangers are refused, and nothing stops a run."""

import ast
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
import pytest
from numba.core.cpu import CPUContext

from sim.cli import flags
from sim.core import code_cache, compiled, notices, sources

ROOT = Path(__file__).parent.parent

TOY = """
import sys
from pathlib import Path
import numba
from sim.core.code_cache import CodeCache
def double(x):
    return x * 2
def doubled(values, *folders):
    compiled = numba.njit(double)
    compiled._cache = CodeCache(double, "toy.double", folders)
    return *(compiled(value) for value in values), sum(compiled.stats.cache_misses.values())
"""


INDEX = """
import sys
import numba, numpy as np
from sim.core.compiled import kernel, rule
take = rule(lambda values, place: values[place])
values = np.arange(5)
print(numba.njit(lambda values, place: values[place])(values, -1))
try:
    print(kernel(lambda values, place: take(values, place) + 0)(values[2:], -1))
except IndexError:
    print("refused")
"""


@pytest.mark.parametrize(("checked", "seen"), [("0", "1"), ("1", "refused")])
def test_rules_do_not_count_from_the_end_and_other_code_does(tmp_path: Path, checked: str, seen: str) -> None:
    """As they are, they read the value before the first; checked, they refuse."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NUMBA_DISABLE_JIT": "0", "OFFHOURS_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", INDEX], capture_output=True, text=True, check=False, timeout=120,
        env=environment | {"NUMBA_BOUNDSCHECK": checked},
    )  # fmt: skip
    assert done.stdout.split() == ["4", seen], done.stderr


SHOP = """
import sys
from typing import NamedTuple
import numpy as np
from sim.core.addressed import addressed
from sim.core.compiled import kernel, rule

@addressed
class Shop(NamedTuple):
    price: np.ndarray
    sold: np.ndarray

@rule
def add(shop, n, price):
    shop.sold[n, 1] += price

@kernel
def sell(shop, most):
    for n in range(len(shop.price)):
        add(shop, n, shop.price[n])
        add(shop, n, np.int8(1))
        add(shop, n, most)
    return shop.sold.shape[0]

shop = Shop(np.arange(3, dtype=np.int32), np.zeros((3, 2), np.int64))
print(sell(shop, 5), *shop.sold.ravel(), len(getattr(add, "overloads", "1")))
for each in (form for function in (add, sell) for form in getattr(function, "overloads", {}).values()):
    print(type(each.library).__name__, "Array" in each.fndesc.llvm_func_name)
"""


@pytest.mark.parametrize(("off", "how"), [("0", ["_Part", "False", "_Whole", "False"]), ("1", [])])
def test_arrays_go_by_one_address_and_a_rule_is_compiled_once(tmp_path: Path, off: str, how: list[str]) -> None:
    """For whole numbers of all widths; what rules write into arrays of several kinds is seen outside, compiled or not.

    Compiled code is in libraries of our own, and no name in it spells types out.
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NUMBA_DISABLE_JIT": off, "OFFHOURS_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", SHOP], capture_output=True, text=True, check=False, timeout=120, env=environment
    )
    assert done.stdout.split() == ["3", "0", "6", "0", "7", "0", "8", "1", *how], done.stderr


def test_what_is_replaced_of_numba_is_there_to_be_replaced() -> None:
    """Else a later numba would never call it, and compiling would only become slow, without a word."""
    ours = (compiled._Part, compiled._Whole, compiled._OfRules, compiled._OfKernels, compiled._Kernel, compiled._Rule)
    for kind in ours:
        missing = {name for name, what in vars(kind).items() if callable(what)} - set(dir(kind.__base__))
        assert not missing, kind.__name__
    assert {"get_executable", "mangler"} <= set(dir(CPUContext))


def started(folder: Path, *values: float) -> "subprocess.Popen[str]":
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NUMBA_DISABLE_JIT": "0"}
    command = [sys.executable, "-c", f"{TOY}print(*doubled({list(values)}, Path({str(folder)!r})))"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def ended(process: "subprocess.Popen[str]") -> tuple[str, str]:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out, err


@pytest.fixture
def doubled(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Callable[..., tuple[float, ...]]:
    """Double numbers by a function that this process has not called yet; the last number is how often it compiled."""
    toy: dict[str, Any] = {"__name__": "__main__"}
    exec(TOY, toy)

    def called(values: list[float], *folders: Path) -> tuple[float, ...]:
        monkeypatch.setattr(notices, "_said", set())
        caplog.clear()
        return toy["doubled"](values, *folders)  # type: ignore[no-any-return]

    return called


def test_processes_that_compile_different_forms_at_once_get_each_their_own_and_the_next_ones_compile_nothing(
    tmp_path: Path, doubled: Callable[..., tuple[float, ...]], caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "cache" / "version"
    first = [ended(process) for process in [started(folder, value) for value in (3, 3.75)]]
    assert first == [("6 1\n", f"{notices.COMPILING}\n"), ("7.5 1\n", f"{notices.COMPILING}\n")]
    assert ended(started(folder, 3, 3.75)) == ("6 7.5 0\n", "")
    assert sorted(path.suffix for path in folder.iterdir()) == [".code", ".code"]  # no draft is left

    for file in folder.iterdir():
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    assert not code_cache.holds(folder, ["toy.double"])
    assert doubled([3], folder) == (6, 1)  # compiled anew, and mended
    assert code_cache.holds(folder, ["toy.double"])

    folder.chmod(0o777)
    assert not code_cache.holds(folder, ["toy.double"])  # whoever can write there could let this process run anything
    assert doubled([3], folder) == (6, 1)
    assert "others can write there" in caplog.text


def test_code_that_comes_with_the_package_is_taken_and_what_it_lacks_or_is_damaged_is_compiled(
    tmp_path: Path, doubled: Callable[..., tuple[float, ...]], caplog: pytest.LogCaptureFixture
) -> None:
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    assert doubled([3], shipped) == (6, 1)
    assert doubled([3, 3.75], shipped, own) == (6, 7.5, 1)
    assert doubled([3.75, 3], shipped, own) == (7.5, 6, 0)
    assert caplog.text == ""
    assert [len(list(folder.iterdir())) for folder in (shipped, own)] == [1, 1]
    for file in shipped.iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    assert doubled([3], shipped, own) == (6, 1)
    assert [len(list(folder.iterdir())) for folder in (shipped, own)] == [1, 2]


def test_shipped_code_is_for_processors_that_have_its_instructions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And so is the user's own: another processor, or another one that numba is told to compile for, has its own."""
    here = compiled._processor()
    monkeypatch.setattr(compiled, "fingerprint", lambda shipped=False: str(shipped))  # the real one would keep these
    monkeypatch.setattr(compiled, "SHIPPED", tmp_path)
    monkeypatch.setattr(compiled, "ANY", ("x86-64", "+avx2,+fma"))
    has = {"avx2": True, "fma": True, "avx512f": False}
    monkeypatch.setattr(compiled.ll, "get_host_cpu_features", lambda: has)
    assert [folder.parent for folder in compiled._folders()][:-1] == [tmp_path]  # the last is the user's own
    has["fma"] = False
    assert len(compiled._folders()) == 1
    monkeypatch.setattr(compiled, "SHIPPED", tmp_path / "nothing")
    has["fma"] = True
    assert len(compiled._folders()) == 1
    monkeypatch.setattr(compiled.numba.config, "CPU_NAME", "x86-64")
    monkeypatch.setattr(compiled.numba.config, "CPU_FEATURES", "+avx2,+fma")
    assert compiled._processor() == compiled.ANY != here


def test_what_the_cache_says_is_said_once_and_in_the_language_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(notices, "_said", set())
    kept = (
        f"Compiled code cannot be kept in {tmp_path} (full): every start compiles. OFFHOURS_CACHE names another folder"
    )

    @click.command()
    @flags.LANGUAGE
    def command(language: str) -> None:
        with ThreadPoolExecutor() as pool:
            list(pool.map(notices.notify, [notices.COMPILING, kept, kept]))

    command(["--lang", "zh"], standalone_mode=False)
    said = sorted(record.getMessage() for record in caplog.records)
    assert len(said) == 2
    assert said[0].startswith(f"编译结果无法保存在 {tmp_path}（full）")
    assert said[1].startswith("首先为本机编译引擎")
    notices.notify("Now in English")
    assert caplog.messages[-1] == "Now in English"


def test_where_no_code_can_be_kept_a_line_says_so(
    tmp_path: Path, doubled: Callable[..., tuple[float, ...]], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    assert doubled([3], tmp_path / "file" / "version") == (6, 1)
    assert "cannot be kept" in caplog.text
    assert "OFFHOURS_CACHE" in caplog.text


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of two modules in place of ``sim``."""
    monkeypatch.setattr(sources, "HERE", tmp_path)
    monkeypatch.setenv("OFFHOURS_CACHE", str(tmp_path / "kept"))
    (tmp_path / "entry.py").write_text('"""Words."""\nfrom sim.rules import double\n\nVALUE = double(2)\n')
    (tmp_path / "rules.py").write_text('def double(x):\n    """Words."""\n    return x * 2  # twice\n')
    (tmp_path / "other.py").write_text("VALUE = 1\n")
    return tmp_path


def version(package: Path) -> str:
    sources.version_of.cache_clear()
    sources._imports.cache_clear()
    assert [path.name for path in sources.imported_by("entry")] == ["entry.py", "rules.py"]
    return sources.version_of("entry")


def test_what_a_file_imports_is_found_as_python_finds_it() -> None:
    """In all files of the package: a regular expression reads what the parser takes a third of a second for."""
    for path in sources.HERE.rglob("*.py"):
        names = []
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        places = [sources.HERE.parent / f"{name.replace('.', '/')}.py" for name in names if name.startswith("sim.")]
        found = {file for file in sources._imports(path) if file.is_file()}
        assert found == {place for place in places if place.is_file()}, path


def test_a_version_is_kept_for_the_next_start_and_made_anew_if_that_cannot_be_read(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = version(package)
    (note,) = (package / "kept" / "sources").iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(ast, "parse", lambda text: pytest.fail("parsed again"))
        assert version(package) == first
    intact = note.read_bytes()
    note.write_bytes(intact[:-1] + b"?")
    assert version(package) == first
    assert note.read_bytes() == intact
    (package / "rules.py").write_text("def double(x):\n    return x + x\n")
    assert version(package) != first
    monkeypatch.setenv("OFFHOURS_CACHE", str(package / "rules.py"))
    assert len(version(package)) == len(first)  # nothing can be kept there


def test_no_folder_is_called_after_a_home_that_is_not_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in containers whose user is a number without a name."""
    for name in ("HOME", "XDG_CACHE_HOME", "OFFHOURS_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert compiled._folders()[-1].parent == tmp_path / f"offhours-{os.geteuid()}"


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
