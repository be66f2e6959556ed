"""Look at pages in a browser of one's own: wide, narrow and on paper."""

import csv
import io
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Tab

from tests.browser.pages import Page, pages, written

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "browser"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDE = {"viewport": {"width": 1280, "height": 900}}
NARROW = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
PAPER = {"width": 680, "height": 1000}  # CSS pixels between the margins of A4
PATIENCE = 30_000  # milliseconds, for a page to load
OWN = ("file:", "data:", "blob:")
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
SLIM = """[...document.querySelectorAll('tbody th')].filter(each => each.textContent.trim().length > 2
  && each.clientWidth < 2.5 * parseFloat(getComputedStyle(each).fontSize)).map(each => each.textContent)"""
BLIND = "[...document.images].filter(each => !each.naturalWidth || !each.alt.trim()).map(each => each.alt)"


def looked_at(path: str, names: list[str]) -> list[str]:
    """Write some pages with a browser of its own and say what is wrong with them."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        todo = [page for page in pages() if page.name in names]
        wrong = [text for page in todo for text in faults(browser, page, written(KEPT, page.name))]
        browser.close()
    return wrong


def faults(browser: Browser, page: Page, file: Path) -> Iterator[str]:
    """Open a page wide, narrow and on paper, and say what is wrong with it."""
    for name, size in (("wide", WIDE), ("narrow", NARROW)):
        with opened(browser, file, size) as (tab, said):
            if name == "wide":
                said.extend(f"a table: {text}" for text in tables(tab))
            said.extend(f"axe: {text}" for text in axe(tab))
            said.extend(f"a name is broken at each letter: {text}" for text in tab.evaluate(SLIM))
            said.extend(f"a picture is not there or has no text: {alt}" for alt in tab.evaluate(BLIND))
            if not tab.evaluate(FITS):
                said.append("it scrolls sideways")
            try:
                page.seen(tab)
            except AssertionError as error:
                said.append(f"what has to be seen is not: {error}")
            tab.screenshot(path=file.with_name(f"{page.name}_{name}.png"), full_page=True)
            if name == "wide":
                said.extend(paper(tab, file.with_suffix(".pdf")))
            yield from (f"{page.name}, {name}: {text}" for text in said)


@contextmanager
def opened(browser: Browser, file: Path, size: dict[str, Any]) -> Iterator[tuple[Tab, list[str]]]:
    """Open a file without a network, and collect what it asks for and what the console says."""
    context = browser.new_context(**size, offline=True, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    tab, said = context.new_page(), []
    tab.on("console", lambda line: said.append(f"console: {line.text}"))
    tab.on("pageerror", lambda error: said.append(f"script: {error}"))
    tab.on("request", lambda asked: asked.url.startswith(OWN) or said.append(f"it asks for {asked.url}"))
    tab.goto(file.as_uri())
    try:
        yield tab, said
    finally:
        context.close()


def axe(tab: Tab) -> list[str]:
    """Return the findings on accessibility."""
    found = Axe().run(tab).response["violations"]
    return [f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:150]}" for each in found]


def tables(tab: Tab) -> Iterator[str]:
    """Say which links to tables hold none; the first one is followed."""
    links = tab.locator("a[download]")
    for place in range(links.count()):
        name, address = (links.nth(place).get_attribute(key) or "" for key in ("download", "href"))
        kind, _, content = address.partition(";base64,")
        rows = list(csv.reader(io.StringIO(b64decode(content).decode())))
        if kind != "data:text/csv;charset=utf-8" or len({len(row) for row in rows}) != 1:
            yield f"{name} is no CSV"
        if place == 0:
            with tab.expect_download() as download:
                links.nth(0).click()
            saved = Path(download.value.path()).read_bytes()
            if saved != b64decode(content) or download.value.suggested_filename != name:
                yield f"{name} is saved as something else"


def paper(tab: Tab, path: Path) -> Iterator[str]:
    """Print a page, and say whether it goes beyond the paper."""
    tab.set_viewport_size(PAPER)
    tab.emulate_media(media="print")
    if not tab.evaluate(FITS):
        yield "it is wider than the paper"
    content = tab.pdf(path=path, prefer_css_page_size=True)
    if not content.startswith(b"%PDF-") or content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") == 0:
        yield "it does not print"
