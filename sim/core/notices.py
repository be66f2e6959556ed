"""What the engine says by the way: each sentence once in a process, in English, by Python's logging.

By itself that goes to standard error; the command line puts it into the language in force.
"""

import logging

LOGGER = logging.getLogger(__name__)
COMPILING = "Compiling the engine for this machine, only once: this takes about a quarter of a minute"
_said: set[str] = set()


def notify(sentence: str) -> None:
    """Say a sentence if this process has not said it yet."""
    if sentence not in _said:
        _said.add(sentence)
        LOGGER.warning("%s", sentence)


def silence(sentence: str) -> None:
    """Take it that somebody else has said a sentence."""
    _said.add(sentence)
