"""Compiled code for many processes: each has a copy of its own, and a shared folder is published once, by renaming.

numba's own cache is written by every process that compiles. Two that compile different forms of one function at the
same time can leave an index that points at the other one's code. So no worker of a sweep writes where others read.
"""

import os
import shutil
import sys
import tempfile
import uuid
from multiprocessing.util import Finalize
from pathlib import Path

from sim.sweeps.files import alive

_own: dict[int, Path] = {}  # by process, for a fork must not use the folder of its parent


def private(shared: Path) -> Path:
    """Copy published code into a folder of this process alone.

    Parameters
    ----------
    shared : Path
        Where code is published; it need not be there.

    Returns
    -------
    Path
        The folder, removed when the process ends.
    """
    if os.getpid() not in _own:
        for old in Path(tempfile.gettempdir()).glob("offhours-code-*-*"):
            if not alive(int(old.name.split("-")[2])):  # it was killed
                shutil.rmtree(old, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=f"offhours-code-{os.getpid()}-"))
        Finalize(None, shutil.rmtree, (folder, True), exitpriority=1)  # workers end without running atexit
        if shared.is_dir():
            shutil.copytree(shared, folder, dirs_exist_ok=True)
        _own[os.getpid()] = folder
    return _own[os.getpid()]


def publish_code(own: Path, shared: Path) -> bool:
    """Publish the code of a process as a whole, if none is published.

    Parameters
    ----------
    own : Path
        From ``private``.
    shared : Path
        Where to.

    Returns
    -------
    bool
        False if another process was first; its code stays.
    """
    shared.parent.mkdir(parents=True, exist_ok=True)
    draft = shared.parent / f".draft-{uuid.uuid4().hex}"
    try:
        shutil.copytree(own, draft)
        os.rename(draft, shared)  # fails if there is a folder with something in it
        return True
    except OSError:
        return False
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def use_private_code() -> None:
    """Let this process compile into, and read from, a folder of its own; to be called before the engine is loaded."""
    if "sim.engine.exchange" in sys.modules or "sim.engine.people" in sys.modules:
        return  # the engine is loaded: a driver that does the runs itself
    from sim.compiled import COMPILED  # noqa: PLC0415  (it loads numba and says where code is kept)

    if COMPILED:
        sys.modules["numba"].config.CACHE_DIR = str(private(Path(os.environ["NUMBA_CACHE_DIR"])))


def publish_engine() -> None:
    """Publish what this process has compiled of the engine."""
    if own := _own.get(os.getpid()):
        publish_code(own, Path(os.environ["NUMBA_CACHE_DIR"]))
