"""Damage by chance: to the bytes of a file, and to what a file says."""

import json
import pickle
from copy import deepcopy
from datetime import date, datetime, time
from random import Random
from typing import Any

type Steps = tuple[str | int, ...]

PIECES = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r\n", b"\r", b"\n\n\n", b"'''", b'"""', b'"', b"[", b"]", b"{", b"}", b"[[",
    b"=", b".", b",", b";", b"#", b"\\", b"\\u0000", b"\xc3\x28", b"\xed\xa0\x80", b"nan", b"inf", b"-1", b"1e999",
    b"0x", b"9" * 30, b"\x1b[31m", "\u202e".encode(), "数".encode(), b"\t", b" " * 200, b"a" * 300, b"../../x",
    b"%s{0}",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    0, 1, -1, 2, 7, 100, 2**31, 2**53, 2**63 - 1, -(2**63), 2**64, 10**400, 0.0, -0.0, 0.5, 1e-308, 1e308, -1e308,
    5e-324, float("nan"), float("inf"), float("-inf"), True, False, "", " ", "x", "nan", "1", "status_quo", "point",
    "im", "a" * 200, "\0", "\n", "\x1b[2J", "../../etc/passwd", "/dev/zero", "/", ".", "数", "\u202e", "%s{0}",
    "[bold]x[/]", [], {}, [[]], [None], [0], ["x"], [{}], [1, "x", True], {"x": 1}, {"": {}}, {"kind": "ban"}, [0] * 50,
    date(2026, 1, 5), date(1, 1, 1), date(9999, 12, 31), datetime(2026, 1, 5, 12, 0), time(9, 30), None,
)  # fmt: skip
KEYS = (
    "",
    "x",
    "kind",
    "name",
    "value",
    "low",
    "levers",
    "a.b",
    "a b",
    "0",
    "数",
    "\0",
    "base",
    "k" * 120,
    "__class__",
)


def bytes_changed(rng: Random, content: bytes) -> bytes:
    """Damage the bytes of a file, in one to four places."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        place = rng.randrange(len(data) + 1)
        end = min(place + rng.choice((1, 2, 8, 40, 200)), len(data))
        match rng.randrange(9):
            case 0 if place < len(data):
                data[place] ^= 1 << rng.randrange(8)
            case 1:
                data[place:end] = rng.randbytes(end - place)
            case 2:
                del data[place:end]
            case 3:
                del data[place:]
            case 4:
                data[place:place] = data[place:end] * rng.choice((1, 2, 50))
            case 5:
                data[:0] = rng.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\n" * 50))
            case 6:
                data = bytearray(bytes(data).replace(b"\n", rng.choice((b"\r\n", b"\r", b"", b"\n\n"))))
            case 7:
                other = rng.randrange(len(data) + 1)
                data[other:other] = data[place:end]
            case _:
                data[place:place] = rng.choice(PIECES)
    return bytes(data)


def structure_changed(rng: Random, data: Any) -> Any:
    """Damage what a file says, in one to four places; the given data stay as they are."""
    data = pickle.loads(pickle.dumps(data))  # a tenth of the time of deepcopy
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        *steps, last = rng.choice([path for path in _paths(data) if path] or [("x",)])
        holder = data
        for step in steps:
            holder = holder[step]
        _change(rng, holder, last, data)
    return data


def _change(rng: Random, holder: Any, key: Any, whole: Any) -> None:
    """Change one entry of a table or list."""
    if not isinstance(holder, dict | list) or (isinstance(holder, dict) and key not in holder):
        return
    value = holder[key]
    match rng.randrange(10):
        case 0:
            del holder[key]
        case 1:
            holder[key] = [value] * rng.choice((1, 2, 30))
        case 2:
            holder[key] = {rng.choice(KEYS): value}
        case 3 if isinstance(holder, dict):
            holder[rng.choice(KEYS)] = rng.choice((value, rng.choice(VALUES)))
        case 4 if isinstance(holder, dict) and isinstance(key, str):
            holder[key[:-1] + rng.choice("xyz")] = holder.pop(key)
        case 5 if isinstance(holder, list):
            holder += [deepcopy(value)] * rng.choice((1, 20))
        case 6:
            holder[key] = nested(rng, rng.choice((3, 20, 40, 200)))
        case 7 if isinstance(value, int | float) and not isinstance(value, bool):
            holder[key] = rng.choice((-value, value * 1_000, value / 1_000, value + 1, str(value), float(value)))
        case 8:
            holder[key] = deepcopy(at(whole, rng.choice(_paths(whole))))
        case _:
            holder[key] = deepcopy(rng.choice(VALUES))


def nested(rng: Random, depth: int) -> Any:
    """Nest tables and lists inside each other."""
    value: Any = 1
    for _ in range(depth):
        value = {"x": value} if rng.random() < 0.5 else [value]
    return value


def at(data: Any, path: Steps) -> Any:
    """Take a value."""
    for step in path:
        data = data[step]
    return data


def _paths(data: Any, depth: int = 6, to: Steps = ()) -> list[Steps]:
    """List the paths of all values that are not too deep."""
    found = [to]
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner if depth else ():
        found += _paths(value, depth - 1, (*to, key))
    return found


def toml(data: dict[str, Any]) -> bytes:
    """Write a file of TOML; tables below the first level stand in one line."""
    lines = [f"{_toml(str(key))} = {_toml(value)}" for key, value in data.items() if value is not None]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _toml(value: Any) -> str:
    """Write a value."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_toml(str(key))} = {_toml(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= 2**64:
        return hex(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return '""' if value is None else value.isoformat() if isinstance(value, date | time) else str(value)


def as_json(data: Any) -> bytes:
    """Write a file of JSON."""
    return json.dumps(data, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
