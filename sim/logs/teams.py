"""Messages of Microsoft Teams as Microsoft Graph gives them: resources ``chatMessage`` in JSON.

A file holds a response with its list ``value``, a list, or a resource on each line (``.jsonl``); a folder or zip
archive holds several. The members of a chat are those of its resource ``chat`` if that is included, else the people who
write in it. Graph gives long lists in pages, each with a link to the next one.
"""

from collections.abc import Iterator
from typing import Any

from sim.core.errors import InputError
from sim.logs.messages import Export, Message
from sim.logs.trees import Tree, as_object, as_objects, parse_json, text_at

JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
NEXT_PAGE = "@odata.nextLink"


def read_teams(tree: Tree) -> Export:
    """Open messages of Teams, which are read twice: first for the members of each chat."""
    seen = (file for file in tree.files if not file.rpartition("/")[2].startswith("."))  # others are of macOS
    files = [file for file in seen if file.lower().endswith(JSON_SUFFIXES)]
    if not files:
        raise InputError(f"{tree.name}: has no file of Teams, which end in {', '.join(JSON_SUFFIXES)}")
    listed: dict[str, dict[str, None]] = {}  # in order, unlike sets
    writers: dict[str, dict[str, None]] = {}
    goes_on: dict[str, bool] = {}  # by list, whether none of its pages that are there is the last
    for entry in _resources(tree, files, goes_on):
        if _by_a_person(entry):
            writers.setdefault(_chat(entry), {})[_sender(entry)] = None
        elif isinstance(entry.get("members"), list):
            people = filter(None, (text_at(each, "userId") for each in entry["members"]))
            listed[text_at(entry, "id")] = dict.fromkeys(people)
    if not writers:
        raise InputError(f"{tree.name}: has no message of Teams (resources chatMessage of Microsoft Graph)")

    def messages() -> Iterator[Message | None]:
        for entry in _resources(tree, files, {}):
            if not _by_a_person(entry):
                if "members" not in entry:
                    yield None
                continue
            chat, sender = _chat(entry), _sender(entry)
            there = listed.get(chat) or writers[chat]  # who has left would be there for ever
            direct = "chatId" in entry and entry["chatId"] and len(there) <= 2
            recipients = tuple(each for each in there if each != sender)
            yield Message(sender, recipients, text_at(entry, "createdDateTime"), channel="im" if direct else "group")

    unfinished = sum(goes_on.values())
    return Export("messages of Teams", messages(), ("channel",), ("im", "group"), unfinished=unfinished)


def _resources(tree: Tree, files: list[str], goes_on: dict[str, bool]) -> Iterator[dict[str, Any]]:
    """Go through all resources of all files, and the replies within them (``$expand=replies``)."""
    for each in _listed_resources(tree, files, goes_on):
        yield each
        if f"replies{NEXT_PAGE}" in each:
            goes_on[text_at(each, "id")] = True
        if isinstance(each.get("replies"), list):
            yield from as_objects(each["replies"], f"{tree.name}: replies")


def _listed_resources(tree: Tree, files: list[str], goes_on: dict[str, bool]) -> Iterator[dict[str, Any]]:
    """Go through the resources that files list."""
    for file in files:
        name = f"{tree.name}/{file}"
        if not file.lower().endswith(".json"):
            for number, line in enumerate(tree.read(file).splitlines(), start=1):
                if line.strip():
                    yield as_object(parse_json(line, name, number), f"{name}:{number}")
            continue
        found = tree.json(file)
        if isinstance(found, dict) and "value" in found:
            address = text_at(found, "@odata.context")  # the same for all pages of a list
            goes_on[address] = goes_on.get(address, True) and NEXT_PAGE in found
            found = found["value"]
        yield from as_objects(found, name)


def _by_a_person(entry: dict[str, Any]) -> bool:
    """Return whether a resource is a message of a person, not one of an application or the system."""
    return text_at(entry, "messageType") in ("", "message") and bool(_sender(entry) and _chat(entry))


def _sender(entry: dict[str, Any]) -> str:
    """Return who wrote a message."""
    return text_at(entry, "from", "user", "id")


def _chat(entry: dict[str, Any]) -> str:
    """Return the chat or channel of a message."""
    return text_at(entry, "chatId") or text_at(entry, "channelIdentity", "channelId")
