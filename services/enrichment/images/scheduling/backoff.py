"""Exponential backoff with jitter."""

from collections.abc import Callable

from services.enrichment.images.limits import MAX_RETRY_SECONDS


def backoff_seconds(
    attempts: int, base: float, retry_after: float | None, random: Callable[[], float]
) -> float:
    """Seconds until the next attempt, after *attempts*: *base*, doubled with each further one.

    Jitter takes away up to half of it, by *random* (0 to 1), so that what failed together does
    not come back together. At least what the host asked for (*retry_after*), at the most a day.
    """
    doubled: float = base * 2 ** min(attempts - 1, 20)
    with_jitter = doubled * (0.5 + random() / 2)
    return min(max(with_jitter, retry_after or 0.0), MAX_RETRY_SECONDS)
