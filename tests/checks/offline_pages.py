"""Check that built pages need nothing from the network.

A page may link to the outside; it may not load from it. Everything that a browser fetches by itself
(scripts, styles, pictures, frames, ``url()`` and ``@import`` in styles) must be a file of the build or
inline. Local files that are named but missing count as well, and so does a formula left unconverted.
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "use": ("href", "xlink:href"),
}
FETCHED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch", "manifest"}
STYLE_FETCH = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""")


class Fetches(HTMLParser):
    """Collects what a page loads by itself, and whether raw TeX is left in it."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []
        self.raw_formulas = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "link" and FETCHED_LINKS & set(values.get("rel", "").lower().split()):
            self.references.append(values.get("href", ""))
        for name in FETCHED.get(tag, ()):
            if values.get(name):
                self.references += [part.split()[0] for part in values[name].split(", ")]
        self.references += style_fetches(values.get("style", ""))
        if "math" in values.get("class", "").split() and tag != "math":
            self.raw_formulas += 1

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "style":
            self.references += style_fetches(data)


def style_fetches(style: str) -> list[str]:
    """List what a piece of CSS loads."""
    return [url or imported for url, imported in STYLE_FETCH.findall(style)]


def problems(file: Path, root: Path) -> list[str]:
    """List what one page or style sheet of the build lacks offline."""
    text = file.read_text(encoding="utf-8")
    name = file.relative_to(root)
    if file.suffix == ".css":
        references, raw_formulas = style_fetches(text), 0
    else:
        page = Fetches()
        page.feed(text)
        references, raw_formulas = page.references, page.raw_formulas
    found = [f"{name}: {raw_formulas} formulas were left as TeX"] if raw_formulas else []
    for reference in references:
        parts = urlsplit(reference.strip())
        if parts.scheme == "data" or not (parts.path or parts.netloc or parts.scheme):
            continue
        if parts.scheme or parts.netloc:
            found.append(f"{name}: loads {reference}")
        elif not (file.parent / unquote(parts.path)).exists():
            found.append(f"{name}: {reference} is missing")
    return found


def main() -> int:
    """Check the folder named on the command line; 1 if a page needs the network."""
    root = Path(sys.argv[1])
    files = sorted(file for kind in ("*.html", "*.css") for file in root.rglob(kind))
    if not files:
        print(f"There are no pages in {root}.")
        return 1
    found = [problem for file in files for problem in problems(file, root)]
    print("\n".join(found) or f"{len(files)} pages and styles need nothing from the network.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
