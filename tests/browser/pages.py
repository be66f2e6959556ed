"""The pages that the browser opens, made from tables that are made up and quick."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from playwright.sync_api import Page as Tab

from sim.figures.words import LANGUAGES
from sim.publishing.page import write_page
from tests import drawable, test_plots
from tests.browser import sliders

DRAWN = {"name": "surveyed", "draws": 64, "sha256": "0" * 64}


class Page(NamedTuple):
    """A page, and what else has to be seen of it."""

    name: str
    write: Callable[[Path], object]  # into this file
    seen: Callable[[Tab], None] = lambda tab: None  # raises AssertionError


class Made(NamedTuple):
    """Results that are made up."""

    tables: Mapping[str, pl.DataFrame]
    manifest: Mapping[str, Any]


def run() -> Made:
    return Made(
        test_plots.tables(12, 40, 2), test_plots.manifest() | {"uncertainty": DRAWN, "command": "offhours run a"}
    )


def comparison() -> Made:
    names = ("pilot_ban", "quiet_hours")
    about = drawable.overview(names, uncertainty=DRAWN)
    return Made(drawable.comparison(names, ("all", "managers", "staff")), about)


REPORTS: Mapping[str, Callable[[], Made]] = {"run": run, "comparison": comparison}


def report(made: Callable[[], Made], language: str) -> Callable[[Path], None]:
    """Write the report of some results."""
    return lambda path: write_page(path, path.stem, *made(), language=language)


def pages() -> Iterator[Page]:
    """List all pages."""
    for name, made in REPORTS.items():
        for language in LANGUAGES:
            yield Page(f"report_{name}_{language}", report(made, language))
    for language in LANGUAGES:
        yield Page(f"sliders_{language}", partial(sliders.write, language=language), sliders.seen)


def written(folder: Path, name: str) -> Path:
    """Write a page into a folder, in a process of its own."""
    path = folder / f"{name}.html"
    next(page for page in pages() if page.name == name).write(path)
    return path
