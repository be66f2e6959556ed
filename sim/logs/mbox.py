"""Mail in mbox files: only the headers From, To, Cc, Date and those of threads are read."""

import mailbox
import re
from collections.abc import Iterator
from email import utils
from email.message import Message as Mail
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from sim.core.errors import InputError
from sim.files.limits import check
from sim.logs.messages import Export, Message

MOST_HEADER_BYTES = 1_000_000  # of the headers of a mail


def is_mbox(path: Path) -> bool:
    """Return whether a file is called or begins like an mbox file."""
    if path.suffix.lower() == ".mbox":
        return True
    if path.suffix or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(5) == b"From "


def read_mbox(path: Path) -> Export:
    """Open an mbox file; times have the offset of their sender, as mail dates do. ``InputError`` if it is none."""
    try:
        check(path)
        with path.open("rb") as file:
            if file.read(5) != b"From ":
                raise InputError(f"{path}:1: is no mbox file: its first line does not begin with 'From '")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    return Export("mail in an mbox file", _messages(path), ("thread",), ("mail",), stamped=True)


def _messages(path: Path) -> Iterator[Message]:
    """Yield the mails; unreadable parts stay empty, and the reader of the table counts them."""
    parser = BytesHeaderParser()
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.iterkeys():
            mail = parser.parsebytes(_headers(box.get_file(key)))
            sender = next(iter(_addresses(mail, "from")), "")
            to = dict.fromkeys(_addresses(mail, "to", "cc"))
            yield Message(sender, tuple(to), _time(_text(mail, "date")), _thread(mail))
    finally:
        box.close()


def _headers(file: Any) -> bytes:
    """Read a mail up to the end of its headers."""
    lines: list[bytes] = []
    size = 0
    while (line := file.readline(MOST_HEADER_BYTES)) and line.strip() and size < MOST_HEADER_BYTES:
        lines.append(line)
        size += len(line)
    return b"".join(lines)


def _text(mail: Mail, name: str) -> str:
    """Return a header as text, empty if it is missing."""
    return str(mail.get(name, ""))


def _addresses(mail: Mail, *names: str) -> Iterator[str]:
    """List the addresses of headers; parts without @ belong to a name with a comma, unless no part has one."""
    held = [str(each) for name in names for each in mail.get_all(name, [])]  # some are no texts but of class Header
    loose = {"strict": False} if hasattr(utils, "supports_strict_parsing") else {}  # it came with Python 3.12.6
    found = [address.strip("'") for _, address in utils.getaddresses(held, **loose) if address]
    yield from [address for address in found if "@" in address[1:]] or found


def _time(date: str) -> str:
    """Return the date of a mail with its offset, where -0000 is UTC at an unknown place; empty if it cannot be read."""
    try:
        return parsedate_to_datetime(date.replace("-0000", "+0000")).strftime("%Y-%m-%dT%H:%M:%S%z") if date else ""
    except (ValueError, TypeError, OverflowError, IndexError):
        return ""


def _thread(mail: Mail) -> str:
    """Return the first mail of a thread: the first of its references, the mail that it answers, or itself.

    Old programs wrote a sentence around the identifier, as in Your message of Monday <1@x.org>.
    """
    for name in ("references", "in-reply-to", "message-id"):
        words = _text(mail, name).split()
        if found := re.findall(r"<[^<>]+>", " ".join(words)) or words[: len(words) == 1]:
            return str(found[0])
    return ""
