"""The steps of a study, their progress, and whether the engine is compiled; ``sim.report.progress`` shows them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sim.core import notices

COMPILING, SETTLING, DRAWING = "compiling", "settling", "drawing"  # steps with names of their own; others are worlds
EVALUATING, SIZING, MAPPING, SHARING = "evaluating", "sizing", "mapping", "sharing"
SEEN_COMPILED: list[bool] = []  # set once this process saw the engine compiled, which stays true

type Report = Callable[[str, int, int], None]  # takes the name of a step, the number done and the total


def wave_name(number: int) -> str:
    """Name a wave of simulations for reports of progress."""
    return f"wave {number}"


def is_compiled() -> bool:
    """Return whether the engine is compiled for this machine; checked until it is."""
    from sim.core.compiled import is_cached  # noqa: PLC0415  (numba is loaded only where something is simulated)

    if not SEEN_COMPILED and is_cached():
        SEEN_COMPILED.append(True)
    return bool(SEEN_COMPILED)


def compiled_else_announced() -> bool:
    """Check the same, and announce it if the engine has to be compiled first."""
    if not is_compiled():
        notices.notify(notices.COMPILING)
    return is_compiled()


@contextmanager
def reporting_compilation(report: Report) -> Iterator[None]:
    """Report the rules as they are compiled, if the engine is not yet compiled for this machine."""
    from numba.core import event  # noqa: PLC0415  (numba is loaded only where something is simulated)

    from sim.core import sources  # noqa: PLC0415
    from sim.core.compiled import ENGINE  # noqa: PLC0415

    if is_compiled():
        yield
        return
    notices.notify(notices.COMPILING)
    files = sources.imported_by(*ENGINE)
    of_all = sum(len(sources.marked(files, kind)) for kind in ("rule", "kernel"))
    seen: set[object] = set()

    class Translated(event.Listener):
        """Counts each compiled rule once, whatever its signatures."""

        def on_start(self, event: Any) -> None:
            """Skip."""

        def on_end(self, event: Any) -> None:
            seen.add(event.data["dispatcher"].py_func)
            report(COMPILING, min(len(seen), of_all), of_all)

    report(COMPILING, 0, of_all)
    with event.install_listener("numba:compile", Translated()):
        yield
