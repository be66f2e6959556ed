"""Report of a study: what is best under each parameter set, comparison by comparison."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape

from sim.comparing.robustness import SURE
from sim.figures.words import percent, phrase, spoken
from sim.outcomes import SHOWN
from sim.report.console import line, say
from sim.report.robustness import best_lines


def print_study(
    console: Console, tables: Mapping[str, pl.DataFrame], manifest: Mapping[str, Any], folder: Path
) -> None:
    """Print for each comparison which rule is best for each outcome, and where all tables are."""
    for name, about in manifest["comparisons"].items():
        called = manifest["design"]["comparisons"][name]
        title = (spoken() == "zh" and called["title_zh"]) or called["title"]
        say(console, phrase("study", "title", title=escape(title)))
        size = {key: f"{about[key]:,}" for key in ("people", "weeks", "replicates")}
        say(console, phrase("study", "simulated", count=len(about["scenarios"]), **size))
        say(console, phrase("robustness", "best", sure=percent(f"{100 * SURE:.0f}").replace(" ", "")))
        rows = tables["best"].filter(pl.col("comparison") == name, pl.col("outcome").is_in(SHOWN))
        say(console, *best_lines(rows, list(about["readings"])))
        console.print()
    line(console, phrase("run", "results", folder=folder))
