"""Words of English titles that say when, or count issues."""

from typing import Final

DAYS_AND_MONTHS: Final = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thurs",
        "fri",
        "sat",
        "sun",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
    ]
)
TIMES: Final = frozenset(
    [
        "morning",
        "afternoon",
        "evening",
        "night",
        "noon",
        "midday",
        "weekend",
        "today",
        "tonight",
        "tomorrow",
        "yesterday",
        "spring",
        "summer",
        "autumn",
        "winter",
    ]
)
CALENDAR: Final = DAYS_AND_MONTHS | TIMES
# A number after one of these counts issues or time: *week 12*, *episode 7*.
ISSUES: Final = frozenset(
    [
        "week",
        "day",
        "episode",
        "ep",
        "issue",
        "part",
        "volume",
        "vol",
        "edition",
        "chapter",
        "round",
        "no",
        "number",
        "season",
    ]
)
PERIODS: Final = {
    "today": 0.5,
    "tonight": 0.5,
    "daily": 0.5,
    "day": 0.5,
    "morning": 0.5,
    "evening": 0.5,
    "overnight": 0.5,
    "week": 3.0,
    "weekly": 3.0,
    "weekend": 3.0,
    "month": 14.0,
    "monthly": 14.0,
}
"""After so many days the same title with this word means another day, week or month."""
