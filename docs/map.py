"""The page on where a rule raises and where it lowers outcomes, written from small tables in ``docs/map``."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from sim.figures.style import styled
from sim.figures.words import phrase
from sim.report import plots
from sim.report.intervals import interval
from sim.report.numbers import full_name, unit_in_head, written
from sim.report.regions import PLACES, lines, sentence, share
from sim.runs.results import Results

PLACE = Path(__file__).with_name("map")
IMAGES = Path(__file__).with_name("images")
TABLES = ("regions", "turns", "weights", "axes")
ABOUT = ("sweep", "engine", "method", "people", "years", "warmup_days", "counterfactual", "titles", "uncertainty")
TOP = 3  # parameters named for an outcome
LITTLE = 0.02  # share of a variance that is not worth naming
DOTS = 110  # an inch
OPENING = """# Where the answer turns

Under which assumptions does a rule raise burnout, output per hour or recorded overtime, and under which does it lower
them?

```text
offhours sweep map --no-figures              # simulates; continues where it was stopped
offhours regions results/sweeps/map-...      # tables, maps and a summary; simulates nothing
python -m docs.generate results/regions_map  # this page
```

A model that can give only one answer is no evidence. For each rule this page shows in which part of the parameter
space the effect is positive, in which part it is negative, and where the border runs. It also shows on which side of
the border the values of the parameter table, the prior and the posterior lie.

`scenarios/sweeps/map.toml` says which parameters vary over which ranges, and why. Each point has its own parameter
values and its own economy. The world without the rule has the same parameters and economy, so the difference is the
effect of the rule.

A Gaussian process is fitted to the differences of each outcome. At any point this emulator gives the effect, averaged
over economies, and the probability that the effect is above zero. These words are used in the tables:

- The sign is **sure** where this probability is at least 97.5 % or at most 2.5 %. In between, the sign is open. The
  tables give both shares (sure: higher / lower).
- A **region** counts if the sign is sure in at least 1 % of the range.

`python -m docs.generate` writes this page from the tables in `docs/map/`, which contain every number of it.
"""
CHECKED = """The points fill the range evenly. The share of points at which an outcome was higher needs no emulator. The
emulator's share of the range should be close to it, but is nearer to a half where the sign is open. The variance
explained and the missed intervals are for points left out one at a time. The lengths were chosen on nearly all of these
points, so both figures are a little too good.
"""
UNKNOWN = "The sweep has not been run with this version of the model, so there are no tables and no results here."
READ = """## How to read it

The three shares answer three questions:

- *Of the range*: does such a region exist at all? The range is weighted evenly. This share is not a probability.
- *Of the prior*: how likely is it, given what was believed before the model was fitted?
- *Of the posterior*: how likely is it for parameters with which the model reproduces the figures that it was fitted to?
  None of these figures says what a rule does. In parameters that matter only under a rule, posterior and prior
  therefore hardly differ.

The percentage behind a parameter is the share of the effect's variance over the prior that this parameter explains
alone. "Up" and "down" say whether the effect, with its sign, increases or decreases as the parameter grows. "Up" brings
an effect below zero nearer to zero.

The intervals are those of the emulator: they show how well the points determine the border. They do not include
parameters that are no axis, or what the model leaves out ([Limits](limits.md)).

An empty region is a finding but not a proof. It says that nothing in these ranges turns the sign. Other ranges, or a
mechanism that the model lacks, might.

### Coverage of the intervals

The points do not fully determine the lengths of the emulator and the noise of the differences. The intervals therefore
come from twenty emulators of each effect that fit the points. On made-up effects, with noise of half their variance,
95 % intervals contained the true value this often (`python -m tests.sweeps.held`):

| true value | 64 points, 4 parameters | 128 points, 10 | 300 points, 29 | 128 points, 29 |
| --- | --- | --- | --- | --- |
| share of the range | 96 of 100 | 75 of 80 | 37 of 40 | 35 of 40 |
| share of a part as narrow as a posterior (sd of 0.12 of each range) | 92 | 78 | 39 | 39 |
| … by the likeliest emulator alone | 88 | 68 | 32 | 27 |
| effect at the middle of the range | 96 | 80 | 40 | 40 |
| … by the likeliest emulator alone | 87 | 72 | 33 | 32 |

This page therefore uses ten points for each parameter, as for [a page to play with](page.md). The likeliest emulator
decides which signs are sure: in other trials of this kind 0.3 to 0.8 % of these signs were wrong, and up to 2.5 % may
be. An effect that is small in most of the range and large in a corner is estimated worst: 51 of 60 intervals contained
its true share, with 128 points over 10 parameters.
"""


def keep(results: Results) -> None:
    """Store the tables of the page, and draw its figures, from a results folder of ``offhours regions``."""
    PLACE.mkdir(exist_ok=True)
    for name in TABLES:
        results.tables[name].with_columns(cs.float().round_sig_figs(4)).write_csv(PLACE / f"{name}.csv")
    about = {key: results.manifest[key] for key in ABOUT}
    about["uncertainty"] = {key: about["uncertainty"][key] for key in ("name", "draws")}
    (PLACE / "about.json").write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, figure in plots.figures(results.tables, results.manifest):
        with styled():
            figure.savefig(IMAGES / f"{name}.png", dpi=DOTS, metadata={"Software": None}, facecolor="white")


def map_page() -> str:
    """Write the page.

    Returns
    -------
    str
        Markdown.
    """
    if not (PLACE / "about.json").is_file():
        return "\n\n".join(part.strip("\n") for part in (OPENING, UNKNOWN, READ)) + "\n"
    tables = {name: pl.read_csv(PLACE / f"{name}.csv") for name in TABLES}
    about = json.loads((PLACE / "about.json").read_text(encoding="utf-8"))
    parts = [OPENING]
    for scenario in tables["turns"]["scenario"].unique(maintain_order=True):
        parts += _scenario(scenario, tables, about)
    parts += [READ, "## The parameters", _axes(tables["axes"]), "## How far to trust it", _trust(tables, about)]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _scenario(scenario: str, tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any]) -> Iterator[str]:
    """Write what was found of one rule."""
    turns = tables["turns"].filter(scenario=scenario)
    places = [over for over in PLACES if over in tables["regions"]["over"]]
    title = about["titles"][scenario]["en"]
    yield f"## {title}"
    yield f"![Effects over two parameters, with the border between their signs](images/regions_{scenario}.png)"
    rows = []
    for turn in turns.iter_rows(named=True):
        shares = tables["regions"].filter(scenario=scenario, outcome=turn["outcome"])
        found = {row["over"]: row for row in shares.iter_rows(named=True)}
        name = f"{full_name(turn['outcome'])}, {unit_in_head(turn['unit'], True)}"
        effect = f"{written(turn['at_table'], turn['unit'], signed=True)}{interval(turn, ends='at_table_{}')}"
        cells = (share(found[over]).split("\n") for over in places)
        rows.append((name, effect, *(f"{higher} {ends}; {sure}" for higher, ends, sure in cells)))
    yield _table(
        (
            "effect on",
            "at the table's values",
            *(phrase("regions", f"head_{over}").replace("|", ", ", 1).replace("|", " ") for over in places),
        ),
        rows,
    )
    yield "\n".join(
        f"- **{full_name(turn['outcome'])}**: {sentence(turn)} {_movers(tables['weights'], turn)}"
        for turn in turns.iter_rows(named=True)
    )


def _movers(weights: pl.DataFrame, turn: Mapping[str, Any]) -> str:
    """Name the parameters that move an effect most by themselves, and the direction of each."""
    mine = weights.filter(scenario=turn["scenario"], outcome=turn["outcome"]).sort("of_effect", descending=True)
    rows = mine.filter(pl.col("of_effect") > LITTLE).head(TOP).iter_rows(named=True)
    named_rows = [
        f"`{row['column']}` ({100 * row['of_effect']:.0f} %, {'up' if row['correlation'] > 0 else 'down'})"
        for row in rows
    ]
    return f"Over the prior the effect depends most on {', '.join(named_rows)}." if named_rows else ""


def _axes(axes: pl.DataFrame) -> str:
    """List the parameters, their ranges, and what is known of each."""
    return _table(
        ("parameter", "meaning", "range", "table", "prior", "in the posterior"),
        (
            (
                f"`{row['name']}`", row["meaning"], f"{row['low']:.3g} to {row['high']:.3g} {row['unit']}",
                f"{row['table']:g}", "yes" if row["has_prior"] else "even" + (", log" if row["scale"] == "log" else ""),
                "yes" if row["in_posterior"] else "no",
            )
            for row in axes.iter_rows(named=True)
        ),
    )  # fmt: skip


def _trust(tables: Mapping[str, pl.DataFrame], about: Mapping[str, Any]) -> str:
    """Write how good the emulators are."""
    regions = tables["regions"].filter(over="range").iter_rows(named=True)
    raised = {(row["scenario"], row["outcome"]): row["raises"] for row in regions}
    rows = (
        (
            row["scenario"],
            row["outcome"],
            f"{100 * row['higher_at_points']:.0f} %",
            f"{100 * raised[row['scenario'], row['outcome']]:.0f} %",
            f"{row['explained']:.2f}",
            f"{100 * row['beyond']:.0f} %",
            phrase("regions", row["verdict"]),
        )
        for row in tables["turns"].iter_rows(named=True)
    )
    heads = (
        *("scenario", "outcome", "higher at the points", "in the range, by the emulator"),
        *("variance explained", "90 % intervals missed", "regions"),
    )
    notes = "\n".join(f"- {text}" for text in lines(tables, about))
    return f"{notes}\n\n{CHECKED}\n{_table(heads, rows)}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
