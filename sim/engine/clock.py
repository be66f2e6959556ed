"""Real dates: which days are working days, and which date a day of the run is."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

SPARE_DAYS = 40  # the engine looks ahead for the next working morning


def working_days(first: date, days: int, holidays: Collection[date]) -> NDArray[np.int64]:
    """Mark with 1 the working days, Monday to Friday without public holidays, shape (days + SPARE_DAYS,)."""
    closed = frozenset(holidays)
    dates = (first + timedelta(days=n) for n in range(days + SPARE_DAYS))
    return np.array([int(d.weekday() < 5 and d not in closed) for d in dates], np.int64)


def moment(first: date, second: int) -> datetime:
    """Return the local date and time of a second since the first midnight of the run."""
    return datetime(first.year, first.month, first.day) + timedelta(seconds=second)
