"""Real dates: which days are working days, and the date of a day of the run."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

SPARE_DAYS = 40  # the engine looks so far ahead for the next working morning


def working_days(
    first: date, days: int, days_off: Collection[date], made_up: Collection[date] = ()
) -> NDArray[np.int64]:
    """Mark with 1 the working days, shape (days + SPARE_DAYS,).

    These are Monday to Friday except days off, and the days on which people make up for these.
    """
    dates = (first + timedelta(days=n) for n in range(days + SPARE_DAYS))
    return np.array([int(d in made_up or (d.weekday() < 5 and d not in days_off)) for d in dates], np.int64)


def marked(first: date, days: int, dates: Collection[date]) -> NDArray[np.int64]:
    """Mark with 1 some dates, shape (days + SPARE_DAYS,)."""
    return np.array([int(first + timedelta(days=n) in dates) for n in range(days + SPARE_DAYS)], np.int64)


def moment(first: date, second: int) -> datetime:
    """Return the local date and time of a second since the first midnight of the run."""
    return datetime(first.year, first.month, first.day) + timedelta(seconds=second)
