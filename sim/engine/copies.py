"""Check of message copies: sent × recipients = delivered + held + refused, per person, channel and week.

A message is counted as sent when it leaves its writer, once for a person or a chat. Its fate is counted where each
recipient gets it or not. So a copy that is lost, arrives twice or reaches another person is found.
"""

import numpy as np

from sim.core.columns import CHANNELS
from sim.core.errors import EngineError
from sim.engine.state import HELD, Whole, World


def missing_copies(w: World) -> Whole:
    """Count the copies of messages that are unaccounted for between two days, shape (people, CHANNELS).

    These are copies sent less those delivered, held and refused: 0, or negative if more arrived than were sent.
    """
    copies = w.person.copies
    missing = copies["sent"] - copies["delivered"] - copies["refused"]
    in_chats = w.chat_sent.copy()
    count, first = w.firm.held, HELD * w.firm.first
    if count.any():
        held = w.held[np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())]
        direct, group = held[held.to >= 0], held[held.to < 0]
        np.subtract.at(missing, (direct.to, direct.channel), 1)
        np.subtract.at(in_chats, (-1 - group.to, group.channel), 1)
        np.add.at(missing, (group.sender, group.channel), 1)
    members = np.diff(w.chat_from)
    for channel in in_chats.any(axis=0).nonzero()[0]:
        by_member = np.repeat(in_chats[:, channel], members)
        missing[:, channel] += np.bincount(w.chat_member, by_member, len(missing)).astype(np.int64)
    return missing


def check_copies(w: World, first_day: int, last_day: int) -> None:
    """Raise ``EngineError``, with the first person and channel, if copies were lost or arrived without being sent."""
    missing = missing_copies(w)
    if missing.any():
        i, channel = np.argwhere(missing)[0]
        number = missing[i, channel]
        what = f"{number} lost: neither delivered nor held nor refused" if number > 0 else f"{-number} that nobody sent"
        raise EngineError(
            f"days {first_day} to {last_day - 1}: messages by {CHANNELS[channel]} for the person of row {i}: {what}"
        )
