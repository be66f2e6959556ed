"""What a reader may do with a case: read it, or refuse it by an error of the project; soon, and without a word."""

import os
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import process_time
from types import FrameType

from sim.core.errors import OffhoursError

MOST_SECONDS = 5.0  # of processor time for one case


class TooLong(BaseException):
    """A case took more than its time; nothing that catches errors catches it."""


def outcome(read: Callable[[], object], printed: Callable[[], str]) -> tuple[str, str, float]:
    """Read a case.

    Parameters
    ----------
    read : Callable[[], object]
        Reads it.
    printed : Callable[[], str]
        Gives what was printed since it was last called.

    Returns
    -------
    tuple[str, str, float]
        What is wrong, empty if nothing is; the message of a refusal; seconds of the processor.
    """
    wrong = message = ""
    began = process_time()
    try:
        with _limited():
            read()
    except OffhoursError as error:
        message = str(error)
        if not message.strip():
            wrong = "an empty message"
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        wrong = f"{type(error).__name__}: {str(error)[:300]}"
    seconds = process_time() - began
    if not wrong and seconds > MOST_SECONDS:
        wrong = f"{seconds:.1f} s"
    if not wrong and (text := printed()):
        wrong = f"printed: {text[:300]}"
    return wrong, message, seconds


@contextmanager
def _limited() -> Iterator[None]:
    """Stop what takes more than its time of the processor."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong(f"more than {MOST_SECONDS:g} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextmanager
def silence() -> Iterator[Callable[[], str]]:
    """Catch what is written to the two outputs, also by libraries that are not Python; warnings become errors.

    Yields
    ------
    Callable[[], str]
        Gives what was printed since it was last called.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with tempfile.TemporaryFile() as caught, warnings.catch_warnings():
        warnings.simplefilter("error")
        os.dup2(caught.fileno(), 1)
        os.dup2(caught.fileno(), 2)

        def printed() -> str:
            caught.seek(0)
            text = caught.read().decode("utf-8", "replace")
            caught.seek(0)
            caught.truncate()
            return text

        try:
            yield printed
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, handle in zip((1, 2), kept, strict=True):
                os.dup2(handle, number)
                os.close(handle)
