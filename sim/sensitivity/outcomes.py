"""Outcomes of a sensitivity analysis."""

from collections.abc import Sequence

from sim.core.errors import InputError, nearest
from sim.outcomes import BY_NAME

OUTCOMES = (
    "share_burnt_out",
    "exhaustion",
    "recorded_overtime",
    "latent_overtime",
    "hidden_overtime",
    "output_per_hour",
    "output_per_paid_hour",
    "waiting",
    "message_minutes",
    "reply_minutes",
    "conflict",
    "employer_cost",
)  # headlines of all families


def chosen_outcomes(wanted: Sequence[str]) -> tuple[str, ...]:
    """Validate names of outcomes, the headlines if none are given; raise ``InputError`` with every unknown name."""
    mistakes = [f"--outcome {name}: no such outcome{nearest(name, BY_NAME)}" for name in wanted if name not in BY_NAME]
    if mistakes:
        raise InputError("\n".join(mistakes))
    return tuple(dict.fromkeys(wanted)) or OUTCOMES
