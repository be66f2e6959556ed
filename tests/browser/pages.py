"""The pages that the browser opens, made from tables that are made up and quick."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from sim.calibration.shipped_posteriors import read_fit
from sim.figures.words import LANGUAGES
from sim.files.shipped import CALIBRATION
from sim.publishing.page import write_page
from sim.sweeps.drawing import as_results
from tests import drawable, test_plots
from tests.browser import sliders
from tests.sweeps.test_drawing import GRID, pretend

if TYPE_CHECKING:
    from playwright.sync_api import Page as Tab

DRAWN = {"name": "surveyed", "draws": 64, "sha256": "0" * 64}


class Page(NamedTuple):
    """A page, and what else has to be seen of it."""

    name: str
    write: Callable[[Path], object]  # into this file
    seen: "Callable[[Tab], None]" = lambda tab: None  # raises AssertionError


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


def sweep() -> Made:
    with tempfile.TemporaryDirectory() as folder:
        results = as_results(pretend(Path(folder), GRID).folder)
    return Made(results.tables, results.manifest)


def calibration() -> Made:
    """The shipped one, without what is large."""
    results = read_fit(CALIBRATION / "posterior_surveyed.json")
    return Made(results.tables, results.manifest)


def evaluation() -> Made:
    about = drawable.overview(("pilot_ban",), "evaluation", scenario="pilot_ban", uncertainty=DRAWN)
    return Made(drawable.evaluation(), about)


def touched() -> Made:
    """A log in which a rule touches messages of the evening."""
    keys = [("all", "all"), ("rank", "leading"), ("rank", "others"), ("channel", "mail")]
    keys += [("hour", f"{day} {hour:02}") for day in ("working", "free") for hour in range(7, 23)]
    keys += [("people", part) for part in ("send", "receive", "receive_weekly", "by_top_tenth")]
    rows = []
    for by, group in keys:
        share = 0.9 if group[-2:] > "18" and by == "hour" else 0.2
        facts = {"rule": "any", "by": by, "group": group, "messages": 400, "people": 60, "share": share}
        rows.append(facts | {"low": max(share - 0.1, 0.0), "high": share + 0.1})
    log = {"name": "log.csv", "people": 60, "entries": 4000, "days": 30, "hours": [9, 18], "channels": ["mail"]}
    about = {"kind": "touched", "scenario": "quiet_hours", "rules": ["quiet_hours"], "titles": {}}
    log |= {"unknown": ["ranks"], "unseen": [], "clock": "nothing is sent from Monday to Friday", "duplicates": 18}
    return Made({"touched": pl.DataFrame(rows)}, about | {"log": log})


def log() -> Made:
    return Made(drawable.log(), drawable.of_log())


def explanation() -> Made:
    return Made(drawable.explanation(), drawable.overview(("pilot_ban",), "explanation", uncertainty=DRAWN))


def readings() -> Made:
    sets = [{"name": name, "replicates": 24, "draws": 64, "sha256": "0" * 64} for name in ("report", "audited")]
    rules = ("pilot_ban", "quiet_hours", "placebo")
    return Made(drawable.readings(rules), drawable.overview(rules, "readings", readings=sets))


def search() -> Made:
    return Made(drawable.search(), drawable.search_about())


REPORTS: Mapping[str, Callable[[], Made]] = {
    made.__name__: made
    for made in (run, comparison, sweep, calibration, evaluation, touched, log, explanation, readings, search)
}


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
    """Write a page into a folder."""
    path = folder / f"{name}.html"
    next(page for page in pages() if page.name == name).write(path)
    return path
