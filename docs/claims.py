"""The page on the report's claims: what the model does with each, and what it makes of those that it can show.

Roles are those of ``calibration/claims.toml``. What the model shows is from a run of ``offhours targets``, whose table
is kept in ``docs/claims/``.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from sim.evidence.tensions import Claim, load_claims
from sim.report.numbers import measured, with_unit
from sim.runs.results import Results

PLACE = Path(__file__).resolve().parent / "claims"
KEPT = ("observable", "claims", "role", "unit", "observed", "half_width", "reported", "low", "high", "within")
OPENING = """# The report's claims, one by one

Which of the report's numbers does the model reproduce, which does it miss, and which did it start from? This command
compares them:

```text
{command}
```

*The report*, on all pages, is a text on a work messenger in China that argues for a ban in phases. It is not part of
the project; this page states what it says in other words. *The audit* checked each of its {count} numbers against other
sources. With the parameter set that a newcomer should quote (`surveyed`), the claims are:

{counts}

The groups mean:

- **Reproduced**, **missed**, **open**: the model was never fitted to the claim. Its 95 % interval, over firms and
  parameters, lies within the report's band (reproduced), outside it (missed), or on both sides of an end (open). A
  claim about several figures has a row for each.
- **Checked, without a figure**: the claim is checked, but the run has no figure for it; the table gives the reason.
- **Put in**: the model starts from the claim, or was fitted to it. That it comes out again is no evidence.
- **Outside**: nothing in the model depends on the claim; the table gives the reason.

The column *audit* has the audit's letter:

- H: law or verified record
- M: plausible, with independent support
- L: no support found
- X: contradicted or impossible
- –: no measurement

Missing a claim marked L or X is not by itself a fault of the model. Reproducing one does not support it.

`python -m docs.generate results/targets` writes this page from `calibration/claims.toml` and from the results of the
command above; their table is in `docs/claims/`.
"""
GROUPS = {
    "reproduced": "Reproduced",
    "missed": "Missed",
    "open": "Open",
    "unclear": "Checked, without a figure",
    "put in": "Put in",
    "outside": "Outside the model",
}
PUT_IN = {
    "calibrated": "the model is fitted to it", "cutoff": "a cut-off is set so that it is met",
    "input": "a parameter or a scenario", "accounting": "a price: affects costs, not behaviour",
}  # fmt: skip
HEADS = ("claim", "section", "what is said", "reported", "audit")


def keep(results: Results) -> None:
    """Store what the page needs of a run of ``offhours targets``."""
    PLACE.mkdir(exist_ok=True)
    table = results.tables["report"].filter(pl.col("claims").str.len_chars() > 0)
    table.select(KEPT).with_columns(cs.float().round_sig_figs(4)).write_csv(PLACE / "checks.csv")
    run, drawn = results.manifest["resolved"]["run"], results.manifest["uncertainty"]
    about = {key: run[key] for key in ("people", "years", "replicates", "seed")} | {"parameters": drawn["name"]}
    (PLACE / "about.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def claims_page() -> str:
    """Write the page.

    Returns
    -------
    str
        Markdown.
    """
    claims = load_claims().claim
    checks = pl.read_csv(PLACE / "checks.csv").to_dicts()
    about = json.loads((PLACE / "about.json").read_text(encoding="utf-8"))
    found = {claim.id: [row for row in checks if claim.id in row["claims"].split(", ")] for claim in claims}
    groups = {claim.id: verdict(claim, found[claim.id]) for claim in claims}
    number = Counter(groups.values())
    counts = "\n".join(f"- {title.lower()}: {number[name]}" for name, title in GROUPS.items() if number[name])
    command = sized_command(about["parameters"], about)
    parts = [OPENING.format(count=len(claims), counts=counts, command=command)]
    for name, title in GROUPS.items():
        mine = [claim for claim in claims if groups[claim.id] == name]
        if not mine:
            continue
        extra = {"put in": ("used as",), "outside": ("why",), "unclear": ("why",)}.get(
            name, ("figure compared", "model", "report's band", "verdict")
        )
        rows = [row for claim in mine for row in rows_of(claim, name, found[claim.id])]
        parts += [f"## {title}", table((*HEADS, *extra), rows)]
    parts.append(
        "*The number after ± is half of the 95 % interval. The interval is symmetric, so it is too wide where draws "
        "are skewed.*"
    )
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def sized_command(parameters: str, run: Mapping[str, Any]) -> str:
    """Write the command that repeats a run of ``make targets``."""
    sizes = f"PEOPLE={run['people']} YEARS={run['years']:g} REPLICATES={run['replicates']} SEED={run['seed']}"
    return f"make targets PARAMETERS={parameters} {sizes}"


def verdict(claim: Claim, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the group of a claim from its role and from what the run shows of it."""
    if claim.surveyed in PUT_IN:
        return "put in"
    if claim.surveyed == "not_used":
        return "outside"
    known = {standing(row) for row in rows if row["within"] is not None}
    return next((each for each in ("missed", "open", "reproduced") if each in known), "unclear")


def standing(row: Mapping[str, Any]) -> str:
    """Return where the interval of a figure lies: within the band, outside, or on both sides of an end."""
    least, most = (row["observed"] + sign * row["half_width"] for sign in (-1, 1))
    low, high = (math.inf * sign if row[end] is None else row[end] for end, sign in (("low", -1), ("high", 1)))
    return "reproduced" if low <= least and most <= high else "missed" if most < low or least > high else "open"


def rows_of(claim: Claim, group: str, rows: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, ...]]:
    """Yield the rows of a claim: one, or one for each figure that it was compared with."""
    value = "–" if claim.value is None else quantity(claim.value, claim.unit)
    head = (claim.id, claim.section, claim.says, value, claim.confidence)
    if group == "put in":
        yield (*head, PUT_IN[claim.surveyed])
    elif group in ("outside", "unclear"):
        yield (*head, claim.reason or "no figure of the model")
    else:
        for row in (row for row in rows if row["within"] is not None):
            half = with_unit(row["half_width"], unit_of(row), signed=True).removeprefix("+")
            model = f"{in_unit(row['observed'], row)} ± {half}"
            yield (*head, row["observable"].replace("_", " "), model, band(row), standing(row))
            head = ("", "", "", "", "")


def quantity(value: float, unit: str) -> str:
    """Write a number with its unit."""
    if unit == "share":
        return f"{100 * value:g} %".replace("-", "−")
    return f"{value:g}" if unit == "year" else f"{value:,.10g} {unit}".strip()


def unit_of(row: Mapping[str, Any]) -> str:
    """Return the unit in which a figure is shown: a relative change is in per cent, as in the report."""
    return "share" if row["unit"] == "relative" else row["unit"]


def in_unit(value: float, row: Mapping[str, Any]) -> str:
    """Write a figure."""
    return measured(row["observable"], value, unit_of(row))


def band(row: Mapping[str, Any]) -> str:
    """Write the band that counts as agreement."""
    low, high = (None if row[end] is None else in_unit(row[end], row) for end in ("low", "high"))
    return f"{low} to {high}" if low and high else f"{low} or more" if low else f"{high} or less" if high else "–"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows))
