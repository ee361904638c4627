"""When to try again."""

from collections.abc import Callable

from services.enrichment.images.limits import LONGEST_PAUSE_SECONDS


def pause(attempts: int, base: float, asked: float | None, random: Callable[[], float]) -> float:
    """Seconds until the next attempt: *base*, doubled with each of *attempts*, at least what the host *asked* for.

    Between half and all of it, by *random* (0 to 1), so that what failed together does not come back together; a day
    at the most.
    """
    doubled: float = base * 2 ** min(attempts - 1, 20)
    return min(max(doubled * (0.5 + random() / 2), asked or 0.0), LONGEST_PAUSE_SECONDS)
