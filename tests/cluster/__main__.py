"""A sweep on a real SLURM of two nodes, one of which is killed in the middle: ``make test-cluster``.

Its final table must be that of a serial run, to the bit. Where SLURM cannot be installed it says so and passes.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from sim.runs.crash_log import left
from sim.sweeps.folder import scan
from sim.sweeps.monitor import COMPLETE, state_of
from tests.sweeps.helpers import ROOT, digest, driven, finished, made, started, table, written

LAB = Path(__file__).with_name("slurm")
CANNOT = 77
WAIT = 120.0  # seconds for the first rows


def lab(*arguments: str) -> int:
    """Run the script that starts and stops SLURM."""
    return subprocess.run([str(LAB), *arguments], check=False).returncode


def main() -> int:
    code = lab("start")
    if code:
        lab("stop")
        print("skipped: there is no SLURM here" if code == CANNOT else "SLURM did not start")
        return 0 if code == CANNOT else 1
    try:
        with tempfile.TemporaryDirectory(prefix="offhours-slurm-") as folder:
            return sweep(Path(folder))
    finally:
        lab("stop")


def sweep(folder: Path) -> int:
    """Run a sweep in SLURM jobs, kill a node when a quarter is done, and compare."""
    design = written(folder, {"x": [float(n) for n in range(50)], "sleep": [0.05]}, replicates=12)
    sweep = made(design, folder)
    os.environ["PYTHONPATH"] = str(ROOT)
    began = time.monotonic()
    flags = ("--backend", "slurm", "--workers", "2", "--chunk", "10", "--slurm", "memory=900MB", "--slurm", "cpus=1")
    process = started(design, folder, *flags, "--slurm", "walltime=00:20:00")
    first, rows = 0.0, 0
    while process.poll() is None and rows < sweep.size / 4:
        time.sleep(0.5)
        rows = scan(sweep, ["run"]).height
        first = first or (time.monotonic() if rows else 0.0)
        if not rows and time.monotonic() - began > WAIT:
            process.terminate()
    print(f"first rows after {first - began:.1f} s; killing node n1 with {rows} of {sweep.size} runs done", flush=True)
    lab("kill-node", "n1")
    for attempt in [each for each in left(sweep.folder) if each.running][:1]:  # and what a worker was at is lost
        with suppress(ProcessLookupError):
            os.kill(attempt.process, signal.SIGKILL)
    code, said = finished(process)
    seconds = time.monotonic() - first
    print(said)
    plain = made(design, folder / "serial")
    driven(plain)
    alike = digest(table(sweep)) == digest(table(plain))
    good = code == 0 and state_of(sweep).code == COMPLETE and alike
    extra = 1000 * (2 * seconds / sweep.size - 0.05)
    print(f"{sweep.size} runs in {seconds:.1f} s from the first rows, the lost node included:")
    print(f"{extra:.1f} ms a run over its own 50 ms")
    print("the table is that of a serial run, to the bit" if alike else "THE TABLE DIFFERS from that of a serial run")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
