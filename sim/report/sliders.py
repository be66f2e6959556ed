"""A page to play with: one HTML file in which sliders move the effects that an emulator predicts.

The file needs no server and loads nothing. What it shows is a JSON object within it; ``sliders.js`` and
``sliders_emulator.js`` turn that into numbers and curves.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.report.webpage import written

HERE = Path(__file__).parent


def page(content: Mapping[str, Any]) -> str:
    """Write the page of a ``content``, which ``sim.sweeps.sliders`` makes; its ``language`` is the first one shown."""
    return written(
        HERE / "sliders.html",
        content["language"],
        title=content["title"][content["language"]],
        style=_read("sliders.css"),
        data=embedded(content),
        script=_read("sliders_emulator.js") + _read("sliders.js"),
    )


def embedded(content: Mapping[str, Any]) -> str:
    """Write JSON that no HTML parser takes for the end of its script."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _read(name: str) -> str:
    """Read a part of the page."""
    return (HERE / name).read_text(encoding="utf-8")
