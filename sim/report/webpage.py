"""Pages for a browser, which need no server and load nothing; ``webpage.html`` is the head that all have in common.

The interactive page holds the emulator's predictions as a JSON object; ``sliders.js`` and ``sliders_emulator.js`` turn
it into numbers and curves.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
CODES = {"en": "en", "zh": "zh-Hans"}  # languages, as browsers know them


def written(template: Path, language: str, **parts: object) -> str:
    """Write a page from a template, which extends ``webpage.html``; what is put in is escaped."""
    environment = Environment(
        loader=FileSystemLoader([template.parent, HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template.name).render(language=CODES[language], **parts)


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
    """Write JSON in which no HTML parser finds the end of its script."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")
