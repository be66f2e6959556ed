"""The package as others get it: built from the sources alone, installed into an empty environment, run elsewhere."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path
from typing import NamedTuple

import pytest

from sim.core import compiled
from tests.worlds import ran, tiny

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("sim", "scenarios", "calibration")
SMALL = """
title = "A ban of a week"
title_zh = "一周禁令"
base = "pilot_ban"
inherit_levers = false
[run]
people = 20
years = 0.04
replicates = 1
warmup_days = 7
settling_weeks = 12
[population]
firm_size_max = 20
[[levers]]
kind = "ban"
channels = ["im"]
start = 2026-01-12
"""


class Place(NamedTuple):
    """An environment with the package, and an empty folder to work in."""

    bin: Path
    code: Path
    folder: Path
    cache: Path  # of compiled code, of which the package has its own
    commit: str  # of the sources

    def run(self, program: str, *arguments: str) -> str:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        ours["OFFHOURS_CACHE"] = str(self.cache)
        command = [str(self.bin / program), *arguments]
        done = subprocess.run(command, cwd=self.folder, env=ours, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Nothing is fetched: libraries come from the environment of the tests, the package from its own archive alone.

    Its machine code is that of the tests, for any processor as far as the package knows.
    """
    sources, home, folder, code_of = (
        tmp_path_factory.mktemp(name) for name in ("sources", "home of", "empty folder", "code")
    )
    ran(tiny(), 1, firms=[0])
    machine_code = shutil.copytree(compiled._folders()[-1], code_of / compiled.fingerprint(shipped=True))
    for name in FOLDERS:
        shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    for words in ("init", "add .", "-c user.name=x -c user.email=x commit -m x"):
        subprocess.run(["git", *words.split()], cwd=sources, check=True, capture_output=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=sources, check=True, capture_output=True, text=True).stdout
    build = "from setuptools.build_meta import build_sdist; build_sdist('dist')"
    subprocess.run([sys.executable, "-c", build], cwd=sources, check=True, capture_output=True)
    (archive,) = (sources / "dist").iterdir()
    venv.create(home, symlinks=True)
    code = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    (code / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    subprocess.run(
        [home / "bin" / "python", "-I", "-m", "pip", "install", "--quiet", "--no-index",
         "--no-deps", "--no-build-isolation", "--no-compile", "--ignore-installed", archive],
        check=True, capture_output=True, env=os.environ | {"OFFHOURS_MACHINE_CODE": str(machine_code)},
    )  # fmt: skip
    with tarfile.open(archive) as content:
        there = {name.partition("/")[2] for name in content.getnames()}
    assert there >= {f"{name}/{file}" for name in FOLDERS for file in files(ROOT / name)}
    return Place(home / "bin", code / "sim", folder, folder / "cache", head.strip())


def test_what_is_installed_is_all_that_the_checkout_has(place: Place) -> None:
    packed = {file for file in files(place.code) if not file.startswith("data/machine_code/")}
    assert packed == files(ROOT / "sim") | {"commit.txt"} | {
        f"data/{name}/{file}" for name in ("scenarios", "calibration") for file in files(ROOT / name)
    }


def test_the_installed_package_runs_in_an_empty_folder(place: Place) -> None:
    before = files(place.code)
    assert "pilot_ban" in place.run("offhours", "list")
    assert place.run("python", "-m", "sim.cli.main", "schema") == "wrote scenario.schema.json\n"
    (place.folder / "small.toml").write_text(SMALL, encoding="utf-8")
    assert "A ban of a week" in place.run("python", "-m", "sim", "run", "small.toml", "--no-figures")
    manifest = json.loads((place.folder / "results" / "small" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["commit"] == place.commit
    assert manifest["command"] == "offhours run small.toml --no-figures"
    design = (
        "import sim; from sim.sweeps.design import DESIGNS, load_design; "
        "print(sim.__file__, load_design(DESIGNS / 'quick.toml').design.name)"
    )
    assert place.run("python", "-c", design) == f"{place.code / '__init__.py'} quick\n"
    assert files(place.code) == before
    assert not [*place.cache.rglob("*.code")]  # nothing was compiled
    (information,) = place.code.parent.glob("offhours-*.dist-info")
    assert f"Tag: {sys.implementation.cache_tag.replace('cpython-', 'cp')}" in information.joinpath("WHEEL").read_text()
    with (place.code / "engine" / "looking.py").open("a", encoding="utf-8") as source:
        source.write("EDITED = 1\n")
    says = "from sim.core.compiled import is_cached; print(is_cached())"
    assert place.run("python", "-c", says) == "False\n"  # of other sources there is none
