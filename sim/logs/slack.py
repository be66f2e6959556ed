"""Slack export: a folder or zip archive with lists of people and channels, and a JSON file per channel and day.

The form is that of the help article "How to read Slack data exports".
"""

import re
from collections.abc import Iterator
from typing import Any
from unicodedata import normalize
from zoneinfo import available_timezones

from sim.core.errors import InputError
from sim.logs.messages import Export, Message
from sim.logs.trees import Tree, text_at

PEOPLE_FILES = ("users.json", "org_users.json")  # the second in exports of several workspaces
CHANNEL_FILES = {"channels.json": "group", "groups.json": "group", "dms.json": "im", "mpims.json": "group"}
SLACKBOT = "USLACKBOT"  # which the list of people does not call a bot
SUBTYPES = ("", "thread_broadcast", "file_share", "me_message")  # subtypes of messages that people write
DAY_FILE = re.compile(r"^(?P<folder>(?:.*/)?(?P<name>[^/]+))/\d{4}-\d{2}-\d{2}\.json$")


def is_slack(tree: Tree) -> bool:
    """Return whether a tree looks like a Slack export."""
    return bool(tree.files_called(PEOPLE_FILES))


def read_slack(tree: Tree) -> Export:
    """Open a Slack export. A message goes to all other members of its channel; bots are left out."""
    people = _people(tree)
    channels = _channels(tree, people)
    days = [day for day in map(DAY_FILE.match, tree.files) if day]

    def messages() -> Iterator[Message | None]:
        for day in days:
            folder, name = (normalize("NFC", day[part]) for part in ("folder", "name"))
            channel, there = channels.get(folder) or channels.get(name) or ("", ())
            for entry in tree.entries(day.string):
                sender = text_at(entry, "user")
                if not channel or not _by_a_person(entry) or sender not in people:
                    yield None
                    continue
                recipients = tuple(each for each in there if each != sender)
                yield Message(sender, recipients, text_at(entry, "ts"), channel=channel, place=people[sender])

    if not days:
        raise InputError(f"{tree.name}: has no file of a channel and day, such as general/2026-03-02.json")
    return Export("a Slack export", messages(), ("channel", "place"), ("im", "group"))


def _by_a_person(entry: dict[str, Any]) -> bool:
    """Return whether an entry is a message that a person wrote, not one of a bot or of the system."""
    return text_at(entry, "type") == "message" and text_at(entry, "subtype") in SUBTYPES and not entry.get("bot_id")


def _people(tree: Tree) -> dict[str, str]:
    """Map the people of a workspace to their time zones, empty where it is not known."""
    zones, found = available_timezones(), {}
    for entry in (entry for file in tree.files_called(PEOPLE_FILES) for entry in tree.entries(file)):
        name, zone = text_at(entry, "id"), text_at(entry, "tz")
        if not entry.get("is_bot") and name not in ("", SLACKBOT):
            found[name] = zone if zone in zones else ""
    if not found:
        raise InputError(f"{tree.name}: its {PEOPLE_FILES[0]} names no people")
    return found


def _channels(tree: Tree, people: dict[str, str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the channel of the model and the people of each channel, by its folder, which lies beside its list."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for file in tree.files_called(CHANNEL_FILES):
        place, sign, name = file.rpartition("/")
        for entry in tree.entries(file):
            there = entry.get("members")
            members = [each for each in there if isinstance(each, str)] if isinstance(there, list) else []
            known = tuple(each for each in members if each in people)
            for folder in filter(None, (text_at(entry, "name"), text_at(entry, "id"))):
                found[normalize("NFC", f"{place}{sign}{folder}")] = CHANNEL_FILES[name], known
    if not found:
        raise InputError(f"{tree.name}: lacks lists of channels, such as channels.json")
    return found
