"""The one definition of a year, for rates, money, leave and the length of runs.

A run has whole weeks and begins on any date, so it is no calendar year. The mean year of a calendar with one leap year
in four makes "a year" the same in a rate, in a price, in a person's leave and in ``run.years``.
"""

YEAR_DAYS = 365.25
YEAR_WEEKS = YEAR_DAYS / 7
WHOLE_WEEKS = int(YEAR_WEEKS)  # 52, where what happens within a year is counted week by week
SHORTEST_RUN = 0.02  # years: a week


def weeks_of(years: float) -> int:
    """Count the whole weeks of a run.

    Parameters
    ----------
    years : float
        Its length.

    Returns
    -------
    int
        Weeks, at least one.
    """
    return max(1, round(years * YEAR_DAYS / 7))


def years_of(weeks: int) -> float:
    """Give the length of a run of some weeks.

    Parameters
    ----------
    weeks : int
        Whole weeks.

    Returns
    -------
    float
        Years, of which ``weeks_of`` makes the same weeks.
    """
    return max(7 * weeks / YEAR_DAYS, SHORTEST_RUN)
