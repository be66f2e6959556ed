"""What many tests use: small worlds that none of them changes, each run once, and the command line in this process."""

import atexit
import builtins
import fcntl
import gc
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

if "PYTEST_XDIST_WORKER" in os.environ:  # each processor has a process of the suite: more threads would only wait
    for library in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(library, "1")
    gc.set_threshold(50_000, 20, 100)  # libraries and thousands of tests stay: to go through them often finds nothing

import pytest
from hypothesis import settings

from sim.cli import main as cli
from sim.core.compiled import is_cached
from sim.model import Workplace
from sim.runs import executor, simulation
from tests.group_sums import watch
from tests.worlds import ran, scenario, tiny

# pools are many and small here: what all that their workers import takes is loaded once in the server that forks them
executor.PRELOADED += ["distributed", "sim.sweeps.session", "sim.calibration.campaign", "sim.learning.worlds"]


def nonempty_all(things: Iterable[object]) -> bool:
    """Be ``all`` in test modules: of nothing everything is true, and a test that says so has looked at nothing."""
    seen = list(things)
    assert seen, "all() of nothing is true whatever the code does"
    return builtins.all(seen)


LONGEST = (  # files that take long: they begin first, so that no process is left alone with one at the end
    "test_figures", "test_cli", "test_twin", "sweeps/test_faults", "test_observe", "fuzz/test_fuzz",
    "calibration/test_fits", "test_plots", "search/test_search", "test_mechanisms", "sweeps/test_sweeping",
    "learning/test_learning", "test_routes", "test_verify", "test_log_faults", "sensitivity/test_sensitivity",
    "calibration/test_campaign", "test_api", "test_pairing", "test_columns", "test_library_of_scenarios",
    "test_code_cache", "test_publishing", "test_study", "test_notebooks", "test_installed", "test_slices",
)  # fmt: skip

WITHOUT_ENGINE = (  # files that simulate nothing: they begin while the engine is compiled
    "sweeps/test_supervising", "fuzz/test_fuzz", "test_plots", "sweeps/test_regions", "test_export", "test_hostile",
    "test_log_exports", "test_scenario", "test_store", "test_translated", "test_study_page", "test_countries",
)  # fmt: skip


def file_of(item: pytest.Item) -> str:
    """Name the file of a test as the lists above do."""
    return item.path.relative_to(Path(__file__).parent).with_suffix("").as_posix()


def compiling(config: pytest.Config) -> str:
    """Name the locked file in a process of pytest-xdist; empty where the engine was compiled before."""
    return str(getattr(config, "workerinput", {}).get("compiling", ""))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests of long files first, each file in its order; let none pass because there was nothing to look at."""
    order = list(dict.fromkeys(WITHOUT_ENGINE * bool(compiling(config)) + LONGEST))
    items.sort(key=lambda item: order.index(file_of(item)) if file_of(item) in order else len(order))
    for item in items:
        if isinstance(item, pytest.Function):
            item.module.__dict__.setdefault("all", nonempty_all)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Wait with a test that simulates until the engine is compiled."""
    if (lock := compiling(item.config)) and file_of(item) not in WITHOUT_ENGINE:
        with open(lock) as file:
            fcntl.flock(file, fcntl.LOCK_SH)


def pytest_collection_finish() -> None:
    """Take libraries and tests out of what a collection goes through: all of them stay."""
    gc.freeze()


settings.register_profile("offhours", deadline=None)  # a busy machine is no mistake
settings.load_profile("offhours")

BAN = (
    {"kind": "ban", "channels": ["im", "group"], "start": "2026-01-14", "ramp_days": 7, "scope": {"share": 0.6}},
    {"kind": "substitute", "tool": "project_tool", "start": "2026-01-12", "scope": {"share": 0.6}},
    {"kind": "enforcement", "inspections_per_year": 4, "complaint": 1.0, "fine_yuan": 300, "scope": {"share": 0.6}},
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process more than processors: tests of killed and hanging processes wait for most of their time."""
    return (getattr(os, "process_cpu_count", os.cpu_count)() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    """Let a process of pytest-xdist end at once when all is closed: thousands of tests take seconds to take apart."""
    watch()
    if hasattr(config, "workerinput"):
        process = os.getpid()  # and not one that a test forks
        atexit.register(lambda: os._exit(0) if os.getpid() == process else None)


COMPILING = pytest.StashKey[str]()  # the file that is locked while the engine is compiled


def compile_beside(config: pytest.Config) -> Callable[[], None]:
    """Compile the engine in a process of its own, which holds a lock as long as it lives; return what ends it all."""
    descriptor, config.stash[COMPILING] = tempfile.mkstemp()
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    code = "from tests.worlds import ran, tiny; ran(tiny(), 1, firms=[0])"
    compiler = subprocess.Popen([sys.executable, "-c", code], cwd=config.rootpath, pass_fds=[descriptor])
    os.close(descriptor)

    def end() -> None:
        compiler.wait()
        os.unlink(config.stash[COMPILING])

    return end


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile once what several processes would: the engine, and the libraries where none has been imported yet."""
    config = session.config
    if not getattr(config.option, "numprocesses", None):
        return
    if not is_cached():
        config.add_cleanup(compile_beside(config))
    if not (sys.dont_write_bytecode or Path(str(getattr(find_spec("sklearn"), "cached", None))).exists()):
        for path in sorted(Path(__file__).parent.rglob("test_*.py")):
            import_module(".".join(path.relative_to(config.rootpath).with_suffix("").parts))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell each process of pytest-xdist which file is locked."""
    node.workerinput["compiling"] = node.config.stash.get(COMPILING, "")


@pytest.fixture(scope="session")
def today() -> Workplace:
    """An economy of small firms under today's rules for four weeks, with all events of all messages."""
    return ran(scenario(people=120), log_share=1.0)


@pytest.fixture(scope="session")
def banned() -> Workplace:
    """The same economy under a ban of instant messages in some of the firms."""
    return ran(scenario(people=120, levers=BAN), log_share=1.0)


@pytest.fixture(scope="session")
def ten() -> Workplace:
    """A firm of ten people for three days, with all events: small enough to run without compilation."""
    return ran(tiny(), 3, firms=[0], log_share=1.0)


@pytest.fixture(scope="module")
def few_messages() -> Iterator[None]:
    """Log few messages of each world, which take long to tell apart, in modules that do not look at them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simulation, "SAMPLED_MESSAGES", 100)
        yield


class Done(NamedTuple):
    code: int
    out: str
    err: str


type Call = Callable[..., Done]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Call]:
    """Call the command line in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    handler = signal.getsignal(signal.SIGTERM)

    def called(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["offhours", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        return Done(code, *capsys.readouterr())

    yield called
    signal.signal(signal.SIGTERM, handler)
