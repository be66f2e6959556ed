"""The page to play with: sliders move its numbers to what the emulator says, and the address keeps where they are."""

import json
import math
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Page as Tab

from sim.figures.words import percent, speaking
from sim.report import webpage as template
from sim.report.numbers import share_of
from sim.sweeps.sliders import page_content
from tests.sweeps.test_sliders import DESIGN, OUTCOMES, predicted, pretend

SETTLED = 1e-6  # relative difference of Python and JavaScript
RATIO = 10.0  # of the ends of the second axis, which is logarithmic


def write(path: Path, language: str) -> None:
    """Write a page about made-up effects, with fresh points."""
    with TemporaryDirectory() as folder:
        places = [Path(folder) / name for name in ("known", "fresh")]
        for place in places:
            place.mkdir()
        known, fresh = pretend(places[0]), pretend(places[1], DESIGN.replace("seed = 3", "seed = 4"))
        path.write_text(template.page(page_content(known, OUTCOMES, fresh, language)), encoding="utf-8")


def seen(tab: Tab) -> None:
    """Move the sliders by keys and by typing; raises ``AssertionError`` where the page does not follow."""
    data = json.loads(tab.locator("#data").text_content() or "")
    rule = data["rules"][0]
    assert tab.locator("#broken").is_hidden(), "the page does not compute what the emulator says"
    _holds(tab, rule, [0.3, math.log10(4)])
    before = tab.locator(".effect").first.text_content()
    tab.locator("#slide-0").press("End")
    _holds(tab, rule, [1.0, math.log10(4)])
    assert tab.locator(".effect").first.text_content() != before, "the number in words stays"
    tab.locator("#slide-0").press("ArrowLeft")
    _holds(tab, rule, [0.995, math.log10(4)])
    tab.locator("#type-1").fill("1.5")
    _holds(tab, rule, [0.995, math.log(1.5 / 0.2) / math.log(RATIO)])
    assert tab.locator("#warning p").count() == 0, "a warning within the range"
    tab.reload()
    _holds(tab, rule, [0.995, math.log(1.5 / 0.2) / math.log(RATIO)])
    assert tab.locator("#along").input_value() == "1", "the curve's axis is not in the address"
    tab.locator("#type-0").fill("1600")
    _holds(tab, rule, [1.6, math.log(1.5 / 0.2) / math.log(RATIO)])
    assert "1600" in (tab.locator("#warning p").text_content() or ""), "no warning outside the range"
    assert tab.locator(".guess").count() == len(rule["surfaces"]), "guesses are not marked"
    tab.locator("#type-0").fill("12346")
    assert (tab.locator("#reads-0").text_content() or "").startswith("12346"), "a large number is rounded"
    tab.evaluate("location.hash = 'fine_yuan=60&rule=toString'")  # which any object has
    tab.wait_for_function("document.getElementById('type-0').value === '60'")
    _holds(tab, rule, [0.06, math.log10(4)])
    tab.evaluate("location.hash = 'fine_yuan=50&questions_per_task=nonsense&along=nothing'")
    tab.wait_for_function("document.getElementById('type-0').value === '50'")
    _holds(tab, rule, [0.05, math.log10(4)])
    hole = _emptiest(rule)
    tab.locator("#type-0").fill(str(1000 * hole[0]))
    tab.locator("#type-1").fill(f"{0.2 * RATIO ** hole[1]:.6g}")
    assert tab.locator("#warning p").count() == int(_distance(rule, hole) > rule["far"]), "far or not far"
    spoken = tab.locator("html").get_attribute("lang")
    tab.locator("#language").click()
    assert tab.locator("html").get_attribute("lang") != spoken, "the language stays"
    tab.locator("#language").click()
    tab.locator("#reset").click()
    _holds(tab, rule, [0.3, math.log10(4)])
    labels = tab.locator("svg[role=img]").evaluate_all("all => all.map(each => each.getAttribute('aria-label'))")
    assert len(labels) == len(rule["surfaces"]), "a curve without a text"
    assert all(label and "{" not in label and "undefined" not in label for label in labels), "a text with a hole"
    _written(tab)


def _written(tab: Tab) -> None:
    """Compare numbers with what reports write: no end is zero that is not, no share none or all that is not."""
    for low, high, told in (
        (-0.05, -0.0004, "−5.00 −0.04"),
        (0.0004, 0.05, "+0.04 +5.00"),
        (-0.05, 0.0004, "−5.0 0.0"),
    ):
        found = tab.evaluate(f"Object.values(ends({{ digits: 1, factor: 100 }}, {low}, {high})).join(' ')")
        assert found == told, f"an interval is {found}, not {told}"
    language = tab.evaluate("state.lang")
    with speaking(language):
        for share in (None, -0.12, 0.0, 0.004, 0.01, 0.5, 0.99, 0.996, 1.0):
            found, told = tab.evaluate(f"percent({json.dumps(share)})"), share_of(share)
            assert found == told, f"a share is {found}, not {told}"
        assert (found := tab.evaluate("spaced('47.3', '%')")) == percent("47.3"), f"a level is {found}"


def _holds(tab: Tab, rule: dict[str, Any], unit: list[float]) -> None:
    """Compare all effects and their spreads with the emulator."""
    for surface in rule["surfaces"]:
        card = tab.locator(f"#card-{surface['outcome']}")
        shown = [float(card.get_attribute(f"data-{name}") or "nan") for name in ("mean", "spread")]
        told = predicted(rule, surface, unit)
        for here, there in zip(shown, told, strict=True):
            assert abs(here - there) <= SETTLED * max(abs(there), 1e-3), f"{surface['outcome']}: {shown}, not {told}"


def _distance(rule: dict[str, Any], unit: tuple[float, float]) -> float:
    """Return how far a place is from the nearest simulated point."""
    return min(math.dist(unit, point) for point in rule["points"])


def _emptiest(rule: dict[str, Any]) -> tuple[float, float]:
    """Find the place within the range that is furthest from all simulated points."""
    places = [(a / 20, b / 20) for a in range(21) for b in range(21)]
    return max(places, key=lambda place: _distance(rule, place))
