"""A sweep on a real SLURM of two nodes, which refuses and loses jobs: ``make test-cluster``.

The first job is refused, one is cancelled before its worker registers, and a node is killed in the middle. The final
table must be that of a serial run, to the bit. Where SLURM cannot be installed it says so and passes.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from sim.runs.crash_log import attempts_on_record
from sim.sweeps.folder import read_rows
from sim.sweeps.monitor import COMPLETE, state_of
from tests.sweeps.helpers import ROOT, digest, driven, finished, made, started, table, written

LAB = Path(__file__).with_name("slurm")
CANNOT = 77
WAIT = 120.0  # seconds without a new row after which the sweep is ended
REFUSES = """#!/bin/sh
mkdir {mark} 2>/dev/null && {{ echo "sbatch: error: the controller is away" >&2; exit 1; }}
exec {sbatch} "$@"
"""


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


def refuse_once(folder: Path) -> None:
    """Put a sbatch first in the path that fails the first time."""
    (folder / "bin").mkdir()
    refusing = folder / "bin" / "sbatch"
    refusing.write_text(REFUSES.format(mark=folder / "refused", sbatch=shutil.which("sbatch")), encoding="utf-8")
    refusing.chmod(0o755)
    os.environ["PATH"] = f"{folder / 'bin'}:{os.environ['PATH']}"


def cancel_one() -> bool:
    """Cancel a job if there is one."""
    found = subprocess.run(["squeue", "-h", "-o", "%i"], capture_output=True, text=True, check=False, timeout=30)
    return any(subprocess.run(["scancel", job], check=False, timeout=30) for job in found.stdout.split()[:1])


def sweep(folder: Path) -> int:
    """Run a sweep in SLURM jobs, kill a node when a quarter is done, and compare."""
    design = written(folder, {"x": [float(n) for n in range(50)], "sleep": [0.05]}, replicates=12)
    sweep = made(design, folder)
    os.environ["PYTHONPATH"] = str(ROOT)
    refuse_once(folder)
    began = last = time.monotonic()
    flags = ("--backend", "slurm", "--workers", "2", "--chunk", "10", "--slurm", "memory=900MB", "--slurm", "cpus=1")
    process = started(design, folder, *flags, "--slurm", "walltime=00:20:00")
    first, rows, cancelled = 0.0, 0, False
    while process.poll() is None and rows < sweep.size / 4:
        time.sleep(0.2)
        cancelled = cancelled or cancel_one()
        before, rows = rows, read_rows(sweep, ["run"]).height
        first = first or (time.monotonic() if rows else 0.0)
        last = time.monotonic() if rows > before else last
        if time.monotonic() - last > WAIT:
            process.terminate()
            break
    print("one job was refused", "and one cancelled before its worker registered" if cancelled else "")
    print(f"first rows after {first - began:.1f} s; killing node n1 with {rows} of {sweep.size} runs done", flush=True)
    lab("kill-node", "n1")
    for attempt in [each for each in attempts_on_record(sweep.folder) if each.running][
        :1
    ]:  # and what a worker was at is lost
        with suppress(ProcessLookupError):
            os.kill(attempt.process, signal.SIGKILL)
    code, said = finished(process)
    seconds = time.monotonic() - first
    print(said)
    plain = made(design, folder / "serial")
    driven(plain)
    alike = digest(table(sweep)) == digest(table(plain))
    if code:
        for log in sorted((sweep.folder / "jobs").glob("*")):
            print(f"--- {log.name}", log.read_text(encoding="utf-8", errors="replace")[-2000:], sep="\n")
    good = code == 0 and cancelled and state_of(sweep).code == COMPLETE and alike
    extra = 1000 * (2 * seconds / sweep.size - 0.05)
    print(f"{sweep.size} runs in {seconds:.1f} s from the first rows, the lost node included:")
    print(f"{extra:.1f} ms a run over its own 50 ms")
    print("the table is that of a serial run, to the bit" if alike else "THE TABLE DIFFERS from that of a serial run")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
