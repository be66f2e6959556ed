"""Units of time, and the one definition of a year, for rates, money, leave and the length of runs.

Runs consist of whole weeks from any date, so they are not calendar years; a year is a mean Julian year of 365.25 days.
"""

MINUTE, HOUR, DAY = 60, 3_600, 86_400  # seconds
WEEK, WORKDAYS = 7, 5  # days
DAILY_REST = 11  # hours: a shorter rest counts as short (directive 2003/88/EC)
LONGEST_REST = 16  # hours: a longer rest counts as this long
LONG_DAY = 10  # hours: a longer day counts as long
YEAR_DAYS = 365.25
YEAR_WEEKS = YEAR_DAYS / WEEK
WHOLE_WEEKS = int(YEAR_WEEKS)  # 52, for counts by week
SHORTEST_RUN = 0.02  # years: a week


def weeks_of(years: float) -> int:
    """Convert years to whole weeks, at least one."""
    return max(1, round(years * YEAR_DAYS / 7))


def years_of(weeks: int) -> float:
    """Convert weeks to a length in years that ``weeks_of`` converts back."""
    return max(7 * weeks / YEAR_DAYS, SHORTEST_RUN)
