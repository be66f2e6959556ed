"""Mail that Outlook wrote as CSV, with the columns of its language: Von: (Adresse), 发件人: (地址) and so on.

Outlook's own export lacks the time of sending; a column for it, named as in ``TIME_COLUMNS``, must be added.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from sim.core.errors import InputError
from sim.logs.messages import RAGGED, Export, Message
from sim.logs.texts import REPLY_SIGNS, is_ragged, read_rows

OUTLOOK = "mail of Outlook"
FROM = ("from", "von", "de", "od", "da", "van", "发件人", "寄件者", "差出人")
TO = ("to", "an", "à", "a", "para", "komu", "aan", "收件人", "收件者", "宛先")
COPY = ("cc", "kopie", "抄送", "副本")
ADDRESS = ("address", "adresse", "dirección", "adresa", "indirizzo", "adres", "地址", "アドレス")
NAME = ("name", "nom", "nombre", "jméno", "nome", "naam", "姓名", "名称", "名前")
TIME_COLUMNS = (
    "sent", "sent on", "senton", "date sent", "date", "time", "received", "received time", "received on",
    "gesendet", "gesendet am", "datum", "empfangen", "erhalten", "envoyé", "envoyé le", "reçu", "enviado", "recibido",
    "fecha", "přijato", "发送时间", "发件时间", "接收时间", "收到时间", "日期", "送信日時", "受信日時",
)  # fmt: skip
SUBJECT = ("subject", "betreff", "objet", "asunto", "předmět", "oggetto", "onderwerp", "主题", "主旨", "件名")


def is_outlook(head: Sequence[str]) -> bool:
    """Return whether the first row of a table is of Outlook, in one of its languages."""
    known = {(who, what) for who, what in map(_parts, head) if what in (*ADDRESS, *NAME)}
    return any(who in FROM for who, _ in known) and any(who in TO for who, _ in known)


def read_outlook(path: Path, encoding: str, separator: str) -> Export:
    """Open mail that Outlook wrote as CSV; threads are subjects without Re:. ``InputError`` if times are missing."""
    table = read_rows(path, encoding, separator)
    head = next(table)
    names, parts = [name.strip().lower() for name in head], [_parts(name) for name in head]
    sender, to, copy = (_columns_of(parts, who) for who in (FROM, TO, COPY))
    time = next((names.index(word) for word in TIME_COLUMNS if word in names), None)
    if time is None:
        raise InputError(
            f"{path}:1: has no column of times: Outlook's own export leaves them out; add one called Sent, or use an "
            "mbox file"
        )
    subject = next((at for at, name in enumerate(names) if name in SUBJECT), len(head))

    def messages() -> Iterator[Message]:
        for row in table:
            cells = [*row, *[""] * (len(head) + 1)]
            writer = next(iter(_people(cells, sender)), "")
            recipients = *_people(cells, to), *_people(cells, copy)
            thread = plain_subject(cells[subject])
            yield Message(writer, recipients, cells[time].strip(), thread, ragged=is_ragged(row, head))

    return Export(OUTLOOK, messages(), ("thread", RAGGED), ("mail",))


def plain_subject(subject: str) -> str:
    """Return a subject without prefixes such as Re: and Fwd:."""
    return re.sub(REPLY_SIGNS, "", subject).strip()


def _columns_of(parts: Sequence[tuple[str, str]], who: Sequence[str]) -> tuple[int, ...]:
    """Return the columns of someone's addresses, then those of names, which replace blank addresses."""
    return tuple(at for what in (ADDRESS, NAME) for at, each in enumerate(parts) if each[0] in who and each[1] in what)


def _parts(name: str) -> tuple[str, str]:
    """Split the name of a column, as From: (Address), into person and content; the second is empty for others."""
    whose, sign, what = name.strip().lower().replace("（", "(").replace("）", ")").partition("(")
    return whose.strip(" :：\ufeff"), what.rstrip(") ") if sign else ""


def _people(cells: Sequence[str], places: Sequence[int]) -> tuple[str, ...]:
    """Return the people of a row from its first column that is filled."""
    text = next((cells[at] for at in places if cells[at].strip()), "")
    return tuple(name for each in text.split(";") if (name := each.strip(" '\"")))
