"""What reports say about intervals: their marks, what they cover, and what makes them wide."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from sim.scenario.parameter_draws import parameters_line
from sim.stats.variance import excludes_zero

ENOUGH = 16  # replicates from which on the part of parameters is known well enough to be quoted
SURVIVES, BEYOND = "**", "*"
LEVEL = 0.05


def mark(row: Mapping[str, Any]) -> str:
    """Return ``**`` if the effect survives Holm's correction, ``*`` if only its own interval excludes zero."""
    if not excludes_zero(row):
        return ""
    return SURVIVES if row["p_holm"] is not None and row["p_holm"] < LEVEL else BEYOND


def parameters_drawn(manifest: Mapping[str, Any]) -> str:
    """State where a study's parameters came from, and whether intervals cover them; empty for manifests without it."""
    if "uncertainty" not in manifest:
        return ""
    about, count = manifest["uncertainty"] or {}, int(manifest.get("replicates") or 1)
    start = parameters_line(about, count)
    if not about.get("draws"):
        return (
            f"{start} What is not known of them is in no interval; without --parameters point they are drawn from what "
            "fits surveys."
        )
    if count == 1:
        return f"{start} A single replicate cannot show what parameters do: intervals are chance alone."
    start += " Intervals hold chance and parameters."
    if count >= ENOUGH:
        return start
    return f"{start} {few_replicates(count)}"


def few_replicates(count: int) -> str:
    """Warn that a number of replicates is too low for the part of parameters."""
    return (
        f"{count} draws barely sample the parameters: use --replicates {ENOUGH} or more before you quote an interval."
    )


def widths(rows: Sequence[Mapping[str, Any]]) -> str:
    """State the median share of chance and parameters in the widths of intervals, and what would narrow them.

    Empty if parameters are fixed or their share is unknown.
    """
    shares = [
        (row["half_chance"] / half, row["half_parameters"] / half)
        for row in rows
        if row.get("half_parameters") is not None and (half := (row["high"] - row["low"]) / 2) > 0
    ]
    if not shares:
        return ""
    chance, parameters = (min(median(part), 1.0) for part in zip(*shares, strict=True))
    return (
        f"Width: the middle one of these intervals would be {chance:.0%} as wide by chance alone and {parameters:.0%} "
        "by parameters alone. More replicates or people make the first part narrower; the second only becomes better "
        "known, and --parameters point leaves it out."
    )
