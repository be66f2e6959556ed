"""Build a wheel that has the engine as machine code, for any processor with the instructions that ``ANY`` names.

Run as ``python -m tests.wheel``. The code is compiled from the same sources, by the golden run: it must give the same
results before it is packed.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from sim.core.compiled import ANY, fingerprint

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Compile, compare and pack."""
    name, features = ANY
    with tempfile.TemporaryDirectory() as cache:
        compiling = {"OFFHOURS_CACHE": cache, "NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": features}
        print("Compiling the engine and comparing its results with the golden run: a quarter of a minute", flush=True)
        run(compiling, "pytest", "--quiet", "tests/test_golden.py")
        print("Packing the wheel: some seconds", flush=True)
        build = ("pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist", ".")
        run({"OFFHOURS_MACHINE_CODE": str(Path(cache, fingerprint(shipped=True)))}, *build)
    print("The wheel is in dist/")


def run(settings: dict[str, str], *module: str) -> None:
    """Run a module of Python in the checkout; what fails ends this process."""
    done = subprocess.run([sys.executable, "-m", *module], cwd=ROOT, env=os.environ | settings, check=False)
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
