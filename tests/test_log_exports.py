"""Exports of Slack, Teams, Outlook and mail: the same log in each form gives the same figures, and faults are named."""

import csv
import json
import os
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import utils
from email.utils import format_datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from sim.core.errors import InputError
from sim.evidence import logcolumns
from sim.evidence.logcolumns import Reading
from sim.evidence.logfile import LogReport, observe_log
from sim.logs import messages, trees
from sim.logs.formats import as_table
from sim.logs.mbox import read_mbox
from sim.logs.messages import Export, Message, write_messages
from sim.logs.outlook import plain_subject
from tests.conftest import Call

ZONES = {"ann": "Asia/Shanghai", "bob": "Asia/Shanghai", "cai": "Europe/Berlin", "dan": "Europe/Berlin",
         "eve": "America/New_York", "fay": "Asia/Shanghai"}  # fmt: skip
NAMES = tuple(ZONES)


class Said(NamedTuple):
    sender: str
    to: tuple[str, ...]
    when: datetime  # with the offset of the sender
    thread: str
    first: bool  # of its thread


def talk() -> list[Said]:
    """Three weeks of six people in three zones: pairs who ask and answer, and a round to all on Mondays."""
    rng, said = np.random.default_rng(5), []
    for day in range(21):
        if day % 7 > 4:
            continue
        for place, name in enumerate(NAMES):
            other = NAMES[(place + 1 + day % 4) % 6]
            local = datetime(2026, 3, 2, 9, 0) + timedelta(days=day, minutes=int(rng.integers(0, 700)))
            asked = local.replace(tzinfo=ZoneInfo(ZONES[name]))
            said.append(Said(name, (other,), asked, f"{name}{day}", True))
            if place % 2:
                back = (asked + timedelta(minutes=20)).astimezone(ZoneInfo(ZONES[other]))
                said.append(Said(other, (name,), back, f"{name}{day}", False))
        if day % 7 == 0:
            local = datetime(2026, 3, 2, 10, 30).replace(tzinfo=ZoneInfo(ZONES["ann"])) + timedelta(days=day)
            said.append(Said("ann", NAMES[1:], local, f"round{day}", True))
    return said


TALK = talk()


def table(path: Path, *, channel: bool = False, thread: bool = False, place: bool = False, **how: Any) -> Path:
    with path.open("w", encoding=how.get("encoding", "utf-8"), newline="") as file:
        rows = csv.writer(file)
        more = ["channel"] * channel + ["thread"] * thread + ["place"] * place
        rows.writerow(["sender", "recipient", "time", *more])
        for each in TALK:
            called = how.get("called", str)
            extra = [("im" if len(each.to) == 1 else "group")] * channel + [each.thread] * thread
            extra += [ZONES[each.sender]] * place
            rows.writerow([called(each.sender), ";".join(map(called, each.to)), each.when.isoformat(), *extra])
    return path


def slack(folder: Path) -> Path:
    folder.mkdir()
    people = [{"id": f"U{name}", "name": name, "tz": zone} for name, zone in ZONES.items()]
    people += [{"id": "UBOT", "is_bot": True}, {"id": "USLACKBOT", "is_bot": False}]
    files: dict[str, Any] = {
        "users.json": people,
        "channels.json": [{"id": "C1", "name": "general", "members": [*(f"U{name}" for name in NAMES), "UBOT"]}],
        "dms.json": [{"id": "DREMIND", "members": ["Uann", "USLACKBOT"]}],
        "integration_logs.json": [{"anything": 1}],
    }
    for each in TALK:
        chat = "general" if len(each.to) > 1 else "D" + "".join(sorted((each.sender, each.to[0])))
        if chat not in ("general", *(dm["id"] for dm in files["dms.json"])):
            files["dms.json"].append({"id": chat, "members": [f"U{name}" for name in (each.sender, each.to[0])]})
        day = f"{chat}/{each.when.astimezone(UTC):%Y-%m-%d}.json"
        entry = {"type": "message", "user": f"U{each.sender}", "ts": f"{each.when.timestamp():.6f}", "text": "secret"}
        files.setdefault(day, []).append(entry)
    noise = [{"type": "message", "subtype": "channel_join", "user": "Uann", "ts": "1772500000.0"}]
    files["general/2026-03-03.json"] = [*noise, {"type": "message", "bot_id": "B", "user": "UBOT", "ts": "1772500000"}]
    files["DREMIND/2026-03-03.json"] = [{"type": "message", "user": "USLACKBOT", "ts": "1772500000.0"}]
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return folder


def zipped(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.json")):
            archive.write(file, f"export/{file.relative_to(folder)}")
    return path


def teams(path: Path) -> Path:
    found: list[dict[str, Any]] = [{"id": "all", "chatType": "group", "members": [{"userId": name} for name in NAMES]}]
    for each in TALK:
        chat = "all" if len(each.to) > 1 else "-".join(sorted((each.sender, each.to[0])))
        if chat != "all":
            both = [{"userId": each.sender}, {"userId": each.to[0]}]
            found.append({"id": chat, "chatType": "oneOnOne", "members": both})
        when = each.when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.123Z")
        sender = {"user": {"id": each.sender, "displayName": "A Name"}}
        found.append({"messageType": "message", "chatId": chat, "createdDateTime": when, "from": sender})
    found[-2]["replies"] = [found.pop()]
    found.append({"messageType": "systemEventMessage", "chatId": "all", "createdDateTime": "2026-03-02T01:00:00Z"})
    if path.suffix == ".json":
        path.write_text(json.dumps({"@odata.context": "x", "value": found}), encoding="utf-8")
    else:
        path.write_text("".join(json.dumps(each) + "\n" for each in found), encoding="utf-8")
    return path


def mbox(path: Path, *, utc: bool = False) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for number, each in enumerate(TALK):
            copy = "".join(f"Cc: {name}@x.org\n" for name in each.to[1:])
            parent = "" if each.first else f"References: <{each.thread}@x.org>\n <other@x.org>\n"
            own = f"<{each.thread}@x.org>" if each.first else f"<{number}@x.org>"
            when = format_datetime(each.when.astimezone(UTC).replace(tzinfo=None) if utc else each.when)
            file.write(
                f"From nobody Mon Mar  2 09:15:00 2026\nFrom: A Name <{each.sender}@x.org>\nTo: {each.to[0]}@X.org\n"
                f"{copy}{parent}Message-ID: {own}\nSubject: =?utf-8?q?secret?=\nDate: {when}\n"
                "\nDate: Mon, 2 Mar 1998 09:15:00 +0000\n>From here on, a text.\n\n"
            )
    return path


OUTLOOK = {
    "en": ("Subject", "From: (Name)", "From: (Address)", "To: (Address)", "CC: (Address)", "Received", "utf-8-sig"),
    "de": ("Betreff", "Von: (Name)", "Von: (Adresse)", "An: (Adresse)", "CC: (Adresse)", "Gesendet", "cp1252"),
    "fr": ("Objet", "De: (nom)", "De: (adresse)", "À: (adresse)", "Cc: (adresse)", "Envoyé", "cp1252"),
    "zh": ("主题", "发件人: (姓名)", "发件人: (地址)", "收件人: (地址)", "抄送: (地址)", "发送时间", "gb18030"),
}


def outlook(path: Path, language: str = "en") -> Path:
    *head, encoding = OUTLOOK[language]
    with path.open("w", encoding=encoding, newline="") as file:
        rows = csv.writer(file, delimiter=";" if language == "de" else ",")
        rows.writerow([*head, "Text"])
        for each in TALK:
            subject = each.thread if each.first else f"RE: AW:{each.thread}"
            to, copy = f"{each.to[0]}@x.org", ";".join(f"{name}@x.org" for name in each.to[1:])
            text = "a text\nof two lines" * (10_000 if each is TALK[0] else 1)
            rows.writerow([subject, "A Name", f"{each.sender}@x.org", to, copy, each.when.isoformat(" "), text])
    return path


def seen(path: Path, **how: Any) -> tuple[dict[str, Any], LogReport]:
    tally, report = observe_log(path, Reading(**how))
    return tally.measured(), report


def test_a_slack_export_is_the_same_log(tmp_path: Path) -> None:
    plain_one, _ = seen(table(tmp_path / "log.csv", channel=True, place=True), channels=("im", "group"))
    folder = slack(tmp_path / "export")
    os.symlink("/etc", folder / "link")
    for path in (folder, zipped(folder)):
        found, report = seen(path)
        np.testing.assert_equal(found, plain_one)
        assert (report.kind, report.skipped, report.people) == ("a Slack export", 3, 6)


def test_channels_of_slack_are_known_by_their_folder_and_others_are_counted(tmp_path: Path) -> None:
    """Two workspaces with a channel of one name, and a folder that no list has."""
    plain_one, _ = seen(slack(tmp_path / "export"))
    other = tmp_path / "both" / "teams" / "other"
    slack(tmp_path / "both")
    (other / "general").mkdir(parents=True)
    (other / "channels.json").write_text('[{"id": "C9", "name": "general", "members": ["Uann"]}]', encoding="utf-8")
    assert seen(tmp_path / "both")[0]["log_recipients"] == plain_one["log_recipients"]
    (tmp_path / "both" / "unlisted").mkdir()
    entry = '[{"type": "message", "user": "Uann", "ts": "1772500000.0"}]'
    (tmp_path / "both" / "unlisted" / "2026-03-03.json").write_text(entry, encoding="utf-8")
    assert seen(tmp_path / "both")[1].skipped == 4


@pytest.mark.parametrize("written", ["rivière-项目", "rivie\u0300re-项目"])
def test_channels_of_slack_with_other_letters_are_known_as_macos_packs_them(tmp_path: Path, written: str) -> None:
    """Without the mark of UTF-8, and in some versions with accents after their letters."""
    plain_one, _ = seen(slack(tmp_path / "export"))

    class Unmarked(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:
            return self.filename.encode(), 0

    with zipfile.ZipFile(tmp_path / "mac.zip", "w") as archive:
        for file in (tmp_path / "export").rglob("*.json"):
            text = file.read_text(encoding="utf-8").replace('"general"', '"rivière-项目"')
            name = file.relative_to(tmp_path / "export").as_posix().replace("general", written)
            archive.writestr(Unmarked(name), text)
    found, report = seen(tmp_path / "mac.zip")
    np.testing.assert_equal(found, plain_one)
    assert report.skipped == 3


@pytest.mark.parametrize("name", ["teams.json", "teams.jsonl", "folder"])
def test_messages_of_teams_are_the_same_log(tmp_path: Path, name: str) -> None:
    plain_one, _ = seen(table(tmp_path / "log.csv", channel=True), channels=("im", "group"), zone="Asia/Shanghai")
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
        teams(path / "part.json")
    else:
        teams(path)
    found, report = seen(path, zone="Asia/Shanghai")
    np.testing.assert_equal(found, plain_one)
    assert (report.kind, report.skipped) == ("messages of Teams", 1)
    with pytest.raises(InputError, match="--zone Asia/Shanghai"):
        seen(path)


def test_first_pages_of_teams_do_not_pass_as_a_whole_log(tmp_path: Path, call: Call) -> None:
    """Graph gives fifty messages at a time; the pages of a list have one address, and the last has no further link."""
    found = json.loads(teams(tmp_path / "teams.json").read_text(encoding="utf-8"))["value"]
    pages = tmp_path / "pages"
    pages.mkdir()
    for number, part in enumerate((found[:60], found[60:])):
        page = {"@odata.context": "chats('all')/messages", "@odata.nextLink": "https://x.org", "value": part}
        (pages / f"{number}.json").write_text(json.dumps(page), encoding="utf-8")
    assert seen(pages, zone="Asia/Shanghai")[1].unfinished == 1
    said = call("observe", str(pages), "--zone", "Asia/Shanghai", "--no-figures").out
    assert "lists that continue in missing pages (@odata.nextLink): 1." in " ".join(said.split())
    (pages / "last.json").write_text(
        json.dumps({"@odata.context": "chats('all')/messages", "value": []}), encoding="utf-8"
    )
    assert seen(pages, zone="Asia/Shanghai")[1].unfinished == 0
    found[-2]["replies@odata.nextLink"] = "https://x.org"
    (tmp_path / "whole.json").write_text(json.dumps({"value": found}), encoding="utf-8")
    assert seen(tmp_path / "whole.json", zone="Asia/Shanghai")[1].unfinished == 1


def test_who_has_left_a_chat_of_teams_is_there_no_longer_than_they_write(tmp_path: Path) -> None:
    """Each of eight writes once a day, two of them in the first week only."""
    found: list[dict[str, Any]] = [{"id": "c", "members": [{"userId": f"u{k}"} for k in range(6)]}]
    for day in (day for day in range(40) if day % 7 < 5):
        for k in range(8 if day < 5 else 6):
            when = f"{datetime(2026, 3, 2, 1, k) + timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}"
            found.append({"chatId": "c", "createdDateTime": when, "from": {"user": {"id": f"u{k}"}}})
    (tmp_path / "log.json").write_text(json.dumps(found), encoding="utf-8")
    assert seen(tmp_path / "log.json", zone="UTC")[0]["log_sent"].value == pytest.approx(1)


def test_what_macos_and_others_add_to_an_export_of_teams_changes_nothing(tmp_path: Path) -> None:
    """Files beside those of a folder, and members that are named in messages."""
    plain_one, _ = seen(teams(tmp_path / "teams.json"), zone="Asia/Shanghai")
    found = json.loads((tmp_path / "teams.json").read_text(encoding="utf-8"))["value"]
    named = [each | {"members": [{"userId": "eve"}]} if "from" in each else each for each in found]
    (tmp_path / "folder" / "__MACOSX").mkdir(parents=True)
    (tmp_path / "folder" / "part.json").write_text(json.dumps(named), encoding="utf-8")
    (tmp_path / "folder" / "__MACOSX" / "._part.json").write_bytes(b"\0\5\x16\7\xff")
    np.testing.assert_equal(seen(zipped(tmp_path / "folder"), zone="Asia/Shanghai")[0], plain_one)


def test_an_mbox_file_is_the_same_log_by_each_senders_offset(tmp_path: Path) -> None:
    path = table(tmp_path / "log.csv", thread=True)
    plain_one, _ = seen(path, channels=("mail",), zone="stamps")
    found, report = seen(mbox(tmp_path / "all.mbox"))
    np.testing.assert_equal(found, plain_one)
    assert report.kind == "mail in an mbox file"
    placed, _ = seen(mbox(tmp_path / "all.mbox"), zone="Asia/Shanghai")
    other, _ = seen(path, channels=("mail",), zone="Asia/Shanghai")
    np.testing.assert_equal(placed, other)
    assert placed["log_evening_share"].value > found["log_evening_share"].value
    np.testing.assert_equal(seen(mbox(tmp_path / "all.mbox", utc=True), zone="Asia/Shanghai")[0], placed)


@pytest.fixture(params=["loose by itself", "asked to be loose"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses are read by a library that cannot be strict, as before Python 3.12.6, or by one that must be asked."""
    if "by itself" in request.param:
        read, asked = utils.getaddresses, {"strict": False} if hasattr(utils, "supports_strict_parsing") else {}

        def older(values: list[str]) -> list[tuple[str, str]]:
            return read(values, **asked)

        monkeypatch.delattr(utils, "supports_strict_parsing", raising=False)
        monkeypatch.setattr(utils, "getaddresses", older)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("header", "to"),
    [
        ("ann@x.org <ann@x.org>, bob@x.org", ("ann@x.org", "bob@x.org")),
        ("ann@x.org, bob@x.org,", ("ann@x.org", "bob@x.org")),
        ("ann@x.org; 'bob@x.org'", ("ann@x.org", "bob@x.org")),
        ('Lee, Ann <ann@x.org>, "Ray, Bob" <bob@x.org>', ("ann@x.org", "bob@x.org")),
        ("root", ("root",)),
    ],
)
def test_a_slip_in_a_header_loses_no_recipient(tmp_path: Path, header: str, to: tuple[str, ...]) -> None:
    path = tmp_path / "one.mbox"
    path.write_text(f"From x Mon Mar  2 09:15:00 2026\nFrom: cai@x.org\nTo: {header}\n\n", encoding="utf-8")
    assert [each.recipients for each in read_mbox(path).messages if each] == [to]


@pytest.mark.parametrize(
    ("headers", "thread"),
    [
        ('In-Reply-To: Your message of "Mon, 2 Mar 2026" <1@x.org>', "<1@x.org>"),
        ("In-Reply-To: Your message of Monday\nMessage-ID: <2@x.org>", "<2@x.org>"),
        ("References: <1@x.org><2@x.org>", "<1@x.org>"),
        ("In-Reply-To: 1@x.org\nMessage-ID: <2@x.org>", "1@x.org"),
    ],
)
def test_words_around_what_is_answered_join_no_threads(tmp_path: Path, headers: str, thread: str) -> None:
    path = tmp_path / "one.mbox"
    path.write_text(f"From x Mon Mar  2 09:15:00 2026\nFrom: a@x.org\nTo: b@x.org\n{headers}\n\n", encoding="utf-8")
    assert [each.thread for each in read_mbox(path).messages if each] == [thread]


def test_rows_of_outlook_with_more_cells_than_the_head_are_left_out(tmp_path: Path) -> None:
    """A subject without quotation marks, after the time, moves the sender into the column of recipients."""
    head = "Sent,Subject,From: (Address),To: (Address)"
    rows = [f"{each.when.isoformat()},{each.thread},{each.sender},{';'.join(each.to)}" for each in TALK]
    (tmp_path / "plain.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    (tmp_path / "mail.csv").write_text("\n".join([head, *rows, "2026-03-02,lunch, eve,ann,bob"]), encoding="utf-8")
    found, report = seen(tmp_path / "mail.csv", zone="UTC")
    assert report.left_out["more cells than the head"] == 1
    np.testing.assert_equal(found, seen(tmp_path / "plain.csv", zone="UTC")[0])


@pytest.mark.parametrize("language", OUTLOOK)
def test_mail_of_outlook_in_local_columns_is_the_same_log(tmp_path: Path, language: str) -> None:
    plain_one, _ = seen(table(tmp_path / "log.csv", thread=True), channels=("mail",), zone="UTC")
    encoding = OUTLOOK[language][-1]
    how = {} if language == "en" else {"encoding": encoding}
    found, report = seen(outlook(tmp_path / "mail.csv", language), zone="UTC", **how)
    np.testing.assert_equal(found, plain_one)
    assert report.kind == "mail of Outlook"


def test_blank_lines_and_the_line_of_excel_are_no_mail_of_outlook(tmp_path: Path) -> None:
    path = outlook(tmp_path / "mail.csv")
    usual, report = seen(path, zone="UTC")
    text = path.read_text(encoding="utf-8-sig").rstrip("\n")
    path.write_text(f"sep=,\n{text}\n\n  \n,,,\n", encoding="utf-8")
    found, told = seen(path, zone="UTC")
    np.testing.assert_equal(found, usual)
    assert (told.rows, told.left_out) == (report.rows, report.left_out)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "cp1252"])
def test_a_table_in_another_encoding_is_the_same_log(tmp_path: Path, encoding: str) -> None:
    def called(name: str) -> str:
        letters = "àéîõüß" if encoding == "cp1252" else "安柏蔡丹伊费"
        return letters[NAMES.index(name)] * 2

    plain_one, _ = seen(table(tmp_path / "log.csv"), zone="UTC")
    path = table(tmp_path / "other.csv", encoding=encoding, called=called)
    found, _ = seen(path, zone="UTC", encoding="" if encoding == "utf-16" else encoding)
    np.testing.assert_equal(found, plain_one)
    if encoding != "utf-16":
        with pytest.raises(InputError, match="names are not in UTF-8; say which encoding"):
            seen(path, zone="UTC")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "gb18030"])
def test_the_first_column_behind_a_mark_of_the_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = table(tmp_path / "log.csv")
    plain_one, _ = seen(path, zone="UTC")
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        marked = tmp_path / f"marked-{quoting}.csv"
        with path.open(encoding="utf-8", newline="") as file, marked.open("w", encoding=encoding, newline="") as other:
            other.write("\ufeff")
            csv.writer(other, quoting=quoting).writerows(csv.reader(file))
        np.testing.assert_equal(seen(marked, zone="UTC", encoding=encoding)[0], plain_one)


def test_the_head_of_a_table_in_utf_16_is_read_to_its_end(tmp_path: Path) -> None:
    """The first letter of this column, U+4E0A, has the byte of a line's end."""
    plain_one, _ = seen(table(tmp_path / "log.csv"), zone="UTC")
    lines = (tmp_path / "log.csv").read_text(encoding="utf-8").replace(",", "\t").splitlines()
    wide = "\n".join(f"{'x' if number else '上级'}\t{line}" for number, line in enumerate(lines))
    (tmp_path / "wide.tsv").write_text(wide, encoding="utf-16")
    np.testing.assert_equal(seen(tmp_path / "wide.tsv", zone="UTC")[0], plain_one)


def test_a_name_in_another_encoding_is_refused_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logcolumns, "FIRST_ROWS", 2)
    path = table(tmp_path / "log.csv")
    with path.open("ab") as file:
        file.write("zoë,zoà,2026-03-20 10:00:00\n".encode("cp1252"))
    with pytest.raises(InputError, match="names are not in UTF-8"):
        seen(path, zone="UTC")


def broken(write: Callable[[Path], Path], old: str, new: str) -> Callable[[Path], Path]:
    def made(path: Path) -> Path:
        write(path).write_text(write(path).read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
        return path

    return made


def slack_with(name: str, content: str | bytes) -> Callable[[Path], Path]:
    def made(path: Path) -> Path:
        slack(path)
        (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return made


@pytest.mark.parametrize(
    ("how", "named"),
    [
        ({"columns": {"sender": "from", "thread": "about"}}, "--sender, --thread"),
        ({"time_format": "%d/%m/%Y"}, "--time-format"),
        ({"between": ";"}, "--between"),
        ({"separator": ";", "encoding": "cp1252"}, "--separator, --encoding"),
    ],
)
def test_options_about_columns_are_refused_for_an_export(tmp_path: Path, how: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=f"is a Slack export, which has no columns to be named: leave out {named}$"):
        seen(slack(tmp_path / "export"), **how)


def test_options_about_text_are_refused_for_parquet(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pl.read_csv(table(tmp_path / "log.csv"), infer_schema=False).write_parquet(path)
    with pytest.raises(InputError, match=r"is Parquet, which has neither .*: leave out --separator, --encoding$"):
        seen(path, separator=";", encoding="cp1252")


def test_ranks_of_leaders_are_refused_for_a_log_without_ranks(tmp_path: Path) -> None:
    """With a column of ranks they count, wherever it is."""
    path = tmp_path / "log.csv"
    frame = pl.read_csv(table(path), infer_schema=False)
    frame.drop(set(frame.columns) & {"rank"}).write_csv(path)
    with pytest.raises(InputError, match="--leaders: the log has no column of ranks; name it by --rank, or leave out"):
        seen(path, leaders=("boss",))
    frame.with_columns(grade=pl.lit("boss")).write_csv(path)
    seen(path, leaders=("boss",), columns={"rank": "grade"}, zone="UTC")


def alone(text: str | bytes) -> Callable[[Path], Path]:
    def made(path: Path) -> Path:
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return made


@pytest.mark.parametrize(
    ("name", "made", "said"),
    [
        ("export", slack_with("general/2026-03-02.json", '[\n{"type":\n}]'), "2026-03-02.json:3: is no JSON"),
        ("export", slack_with("general/2026-03-02.json", b'[\n\n"\xff"]'), "2026-03-02.json:3: is not UTF-8"),
        ("export", slack_with("general/2026-03-02.json", "{}"), "2026-03-02.json: a list is needed"),
        ("export", slack_with("general/2026-03-02.json", "[[]]"), "entry 1: an object is needed, as in {...}, not a l"),
        ("export", slack_with("users.json", "[]"), "names no people"),
        ("export", slack_with("mpims.json", '[{"id": "G1", "members": [{}, ["Uann"]]}]'), "none of"),
        ("export", slack_with("users.json", "[" * 100_000), "users.json:1: is no JSON"),
        ("a.zip", alone("PK no archive"), "cannot be read as a zip archive"),
        ("a.json", alone('{"value": 1}'), "a list is needed, as in [...], not a number"),
        ("a.json", alone("[]"), "has no message of Teams"),
        ("a.jsonl", broken(teams, '"messageType"', "messageType"), "a.jsonl:3: is no JSON"),
        ("a.mbox", alone("Subject: nothing\n\n"), "a.mbox:1: is no mbox file"),
        ("a.csv", broken(outlook, "Received", "Size"), "a.csv:1: has no column of times"),
        ("a.csv", broken(outlook, "@x.org", "\0@x.org"), "none of"),
        ("a.csv", alone('"From: (Name)","To: (Name)","Sent"\nann,bob,"2026" x\n'), "a.csv:2: is no CSV"),
    ],
)  # fmt: skip
def test_a_malformed_export_gives_one_error_with_its_place(
    tmp_path: Path, name: str, made: Callable[[Path], Path], said: str, call: Call
) -> None:
    done = call("observe", "--no-figures", made(tmp_path / name), "--zone", "UTC")
    if said != "none of":
        assert done.code == 2
        assert said in done.err
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) <= 1


def test_bytes_that_are_in_no_encoding_are_named_with_their_line(tmp_path: Path) -> None:
    path = outlook(tmp_path / "mail.csv", "de")
    path.write_bytes(path.read_bytes() + b"\x81\n")
    with pytest.raises(InputError, match=rf"mail.csv:{path.read_bytes().count(10)}: is not in cp1252"):
        seen(path, zone="UTC", encoding="cp1252")
    for name in ("klingon", "rot13", "idna", "undefined"):
        with pytest.raises(InputError, match=f"--encoding {name}: unknown; usual ones: utf-8"):
            seen(path, encoding=name)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "MOST_BYTES", 200)
    with pytest.raises(InputError, match="is longer than 200 bytes"):
        seen(zipped(slack(tmp_path / "export")))


def test_subjects_lose_the_signs_of_answers() -> None:
    assert [plain_subject(each) for each in ("Re: AW: plan", "回覆：计划", "plan: b", " Fwd:re:x")] == [
        "plan",
        "计划",
        "plan: b",
        "x",
    ]


def test_names_never_reach_the_disk_and_parts_are_of_limited_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MESSAGES_AT_ONCE", 100)
    sizes: list[int] = []
    real = messages.pl.DataFrame

    def counted(rows: Any, *more: Any, **how: Any) -> Any:
        sizes.append(len(rows))
        return real(rows, *more, **how)

    monkeypatch.setattr(messages.pl, "DataFrame", counted)
    many = (Message("Ann Example", ("bob", "cai"), "2026-03-02 09:15:00", "secret") for _ in range(1000))
    path, _ = write_messages(Export("made", many, ("thread",), ()), tmp_path)
    assert pl.scan_parquet(path).select(pl.col("recipient").list.len().sum()).collect().item() == 2000
    assert max(sizes) <= 35
    kept = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert [each.name for each in tmp_path.iterdir()] == ["export.parquet"]
    assert not any(word in kept.lower() for word in (b"ann", b"bob", b"secret"))
    assert path.is_file()


def test_contents_of_a_recoded_table_are_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("sender,recipient,time,text\nañn,bob,2026,secret\n", encoding="cp1252")
    made = as_table(path, "cp1252", "", {"sender", "recipient", "time"}, tmp_path)
    assert made.path.read_text(encoding="utf-8").splitlines() == ["sender,recipient,time,text", "añn,bob,2026,"]


def test_the_command_says_what_it_read(call: Call, tmp_path: Path) -> None:
    done = call("observe", "--no-figures", slack(tmp_path / "export"))
    assert done.code == 0, done.err
    said = " ".join(done.out.split())
    assert "The log is a Slack export; left out 3 entries of programs, or of people or in channels" in said
    assert "their hours are those of the places of senders." in said
    assert "secret" not in done.out
    chinese = call("observe", tmp_path / "export", "--no-figures", "--lang", "zh").out
    assert "日志类型：Slack 的导出；略去 3 条" in chinese
