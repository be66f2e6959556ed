"""The outcomes that a sensitivity analysis looks at."""

from collections.abc import Sequence

from sim.errors import InputError, nearest
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
    """Check which outcomes a user wants.

    Parameters
    ----------
    wanted : Sequence[str]
        Names; none for the headlines.

    Returns
    -------
    tuple[str, ...]
        Names, each once.

    Raises
    ------
    InputError
        With every name that is unknown.
    """
    mistakes = [f"--outcome {name}: no such outcome{nearest(name, BY_NAME)}" for name in wanted if name not in BY_NAME]
    if mistakes:
        raise InputError("\n".join(mistakes))
    return tuple(dict.fromkeys(wanted)) or OUTCOMES
