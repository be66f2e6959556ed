"""Real dates: which days are working days, and which date a day of the run is."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

SPARE_DAYS = 40  # the engine looks ahead for the next working morning


def working_days(first: date, days: int, holidays: Collection[date]) -> NDArray[np.int64]:
    """Mark the working days: Monday to Friday without public holidays.

    Parameters
    ----------
    first : date
        First day of the run, warm-up included.
    days : int
        Days of the run.
    holidays : Collection[date]
        Public holidays.

    Returns
    -------
    NDArray[np.int64], shape (days + SPARE_DAYS,)
        1 on working days, else 0.
    """
    closed = frozenset(holidays)
    dates = (first + timedelta(days=n) for n in range(days + SPARE_DAYS))
    return np.array([int(d.weekday() < 5 and d not in closed) for d in dates], np.int64)


def moment(first: date, second: int) -> datetime:
    """Name the moment of a second of the run.

    Parameters
    ----------
    first : date
        First day of the run, warm-up included.
    second : int
        Seconds since its midnight.

    Returns
    -------
    datetime
        Local time of the firm, without zone.
    """
    return datetime(first.year, first.month, first.day) + timedelta(seconds=second)
