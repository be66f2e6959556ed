"""Puts into what is built what a checkout does not hold; all else is in ``pyproject.toml``.

That is the commit, for manifests of an installed package, and machine code, for a wheel that is to need no compilation.
"""

import os
import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
FILE = Path("sim", "commit.txt")  # read by sim/runs/provenance.py; in archives alone, never in a checkout
CODE = os.environ.get("OFFHOURS_MACHINE_CODE")  # of one version, for sim/core/compiled.py, see tests/wheel.py
PACKED = ("sim", "scenarios", "calibration")


def git(*arguments: str) -> str:
    """Ask git about the checkout; empty without one."""
    asked = ["git", "-C", str(HERE), *arguments]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def write(folder: Path) -> None:
    """Write the commit of a checkout, with a plus if what is packed differs from it."""
    if (HERE / ".git").exists() and (head := git("rev-parse", "HEAD")):
        folder.joinpath(FILE).write_text(head + "+" * bool(git("status", "--porcelain", "--", *PACKED)) + "\n")


class Build(build_py):
    """Puts the commit, and machine code if there is some, beside the code of a wheel."""

    def run(self) -> None:
        """Build, but for an editable installation, which runs from the checkout."""
        super().run()
        if not self.editable_mode:
            write(Path(self.build_lib))
            folder = Path(self.build_lib, "sim", "data", "machine_code")
            shutil.rmtree(folder, ignore_errors=True)  # of an earlier build
            if CODE:
                shutil.copytree(CODE, folder / Path(CODE).name)


class Wheel(bdist_wheel):
    """Says for which system and version of Python a wheel with machine code is."""

    def finalize_options(self) -> None:
        """Decide it."""
        super().finalize_options()
        self.root_is_pure = not CODE


class Sources(sdist):
    """Puts the commit beside the code of an archive of sources."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """Make the tree, and add the file."""
        super().make_release_tree(base_dir, files)
        write(Path(base_dir))


setup(cmdclass={"build_py": Build, "bdist_wheel": Wheel, "sdist": Sources})
