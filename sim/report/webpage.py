"""Pages for a browser, which need no server and load nothing; ``webpage.html`` is the head that all have in common."""

from pathlib import Path

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
