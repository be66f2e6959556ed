"""Notices of the engine: each sentence once per process, in English, through Python's logging.

By default they go to standard error; the command line shows them in the chosen language.
"""

import logging

LOGGER = logging.getLogger(__name__)
COMPILING = "Compiling the engine for this machine, only once: this takes about a quarter of a minute"
_said: set[str] = set()


def notify(sentence: str) -> None:
    """Show a sentence unless this process has shown it before."""
    if sentence not in _said:
        _said.add(sentence)
        LOGGER.warning("%s", sentence)


def silence(sentence: str) -> None:
    """Treat a sentence as shown."""
    _said.add(sentence)
