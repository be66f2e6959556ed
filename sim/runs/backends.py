"""Where simulations run: this process, processes of this machine, Dask or SLURM."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from sim.runs.cluster import dask_workers
from sim.runs.executor import Executor, Local, Serial
from sim.runs.slurm import slurm_workers


class Backend(NamedTuple):
    """Where simulations run, as given by the options of a command."""

    name: str = "local"  # local, serial, dask or slurm
    workers: int = 1
    scheduler: str | None = None  # address or file of a running Dask scheduler
    slurm: Mapping[str, str] = {}

    def start(self, folder: Path) -> Executor:
        """Start the executor; SLURM writes logs of jobs and keys to ``folder``."""
        match self.name:
            case "serial":
                return Serial()
            case "dask":
                return dask_workers(self.workers, self.scheduler)
            case "slurm":
                return slurm_workers(self.workers, folder.absolute(), self.slurm)
        return Local(self.workers)
