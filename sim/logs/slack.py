"""Slack export: a folder or zip archive with lists of people and channels, and a JSON file per channel and day.

The form is that of the help article "How to read Slack data exports".
"""

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import available_timezones

from sim.core.errors import InputError
from sim.logs.messages import Export, Message
from sim.logs.trees import Tree, entries, text

PEOPLE = ("users.json", "org_users.json")  # the second in exports of several workspaces
LISTS = {"channels.json": "group", "groups.json": "group", "dms.json": "im", "mpims.json": "group"}
SLACKBOT = "USLACKBOT"  # which the list of people does not call a bot
WRITTEN = ("", "thread_broadcast", "file_share", "me_message")  # subtypes of messages that people write
DAY = re.compile(r"^(?P<folder>(?:.*/)?(?P<name>[^/]+))/\d{4}-\d{2}-\d{2}\.json$")


def is_slack(tree: Tree) -> bool:
    """Return whether a tree looks like a Slack export."""
    return any(file.rsplit("/", 1)[-1] in PEOPLE for file in tree.files)


def read_slack(tree: Tree) -> Export:
    """Open a Slack export. A message goes to all other members of its channel; bots are left out."""
    people = _people(tree)
    channels = _channels(tree, people)

    def messages() -> Iterator[Message | None]:
        for file in tree.files:
            if not (day := DAY.match(file)):
                continue
            channel, there = channels.get(day["folder"]) or channels.get(day["name"]) or ("", ())
            for entry in entries(tree.json(file), f"{tree.name}/{file}"):
                sender = text(entry, "user")
                if not channel or not _by_a_person(entry) or sender not in people:
                    yield None
                    continue
                recipients = tuple(each for each in there if each != sender)
                yield Message(sender, recipients, text(entry, "ts"), channel=channel, place=people[sender])

    if not any(DAY.match(file) for file in tree.files):
        raise InputError(f"{tree.name}: has no file of a channel and day, such as general/2026-03-02.json")
    return Export("a Slack export", messages(), ("channel", "place"), ("im", "group"))


def _by_a_person(entry: dict[str, Any]) -> bool:
    """Return whether an entry is a message that a person wrote, not one of a bot or of the system."""
    return text(entry, "type") == "message" and text(entry, "subtype") in WRITTEN and not entry.get("bot_id")


def _people(tree: Tree) -> dict[str, str]:
    """Map the people of a workspace to their time zones, empty where it is not known."""
    zones, found = available_timezones(), {}
    for file in tree.files:
        if file.rsplit("/", 1)[-1] in PEOPLE:
            for entry in entries(tree.json(file), f"{tree.name}/{file}"):
                zone = text(entry, "tz")
                if not entry.get("is_bot") and (name := text(entry, "id")) not in ("", SLACKBOT):
                    found[name] = zone if zone in zones else ""
    if not found:
        raise InputError(f"{tree.name}: its {PEOPLE[0]} names no people")
    return found


def _channels(tree: Tree, people: dict[str, str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the channel of the model and the people of each channel, by its folder, which lies beside its list."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for file in tree.files:
        place, sign, name = file.rpartition("/")
        if (kind := LISTS.get(name)) is None:
            continue
        for entry in entries(tree.json(file), f"{tree.name}/{file}"):
            there = entry.get("members")
            known = tuple(each for each in there if each in people) if isinstance(there, list) else ()
            for folder in filter(None, (text(entry, "name"), text(entry, "id"))):
                found[f"{place}{sign}{folder}"] = kind, known
    if not found:
        raise InputError(f"{tree.name}: lacks lists of channels, such as channels.json")
    return found
