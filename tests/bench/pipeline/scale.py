"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Numbers of articles are for one repetition. They are chosen so that all parts fit."""

    repeats: int = 5
    few_repeats: int = 3  # of what takes long
    articles: int = 1500
    slow_articles: int = 200  # where an article takes ten milliseconds
    stand_in_articles: int = 60  # over MongoDB's stand-in, which takes sixty an article
    alone_articles: int = 800
    idle_drops: int = 30
    idle_seconds: float = 15.0  # between two sweeps
    floor_idle_seconds: float = 4.0  # it sweeps nothing
    stand_in_drops: int = 15
    load_seconds: float = 6.0
    memory_articles: int = 9_000
    stored_articles: int = 100_000
    promise_articles: int = 2000
    transport_records: int = 4000
    feed_articles: int = 1000  # of 2,974
    stream: str = ""  # the name of a labelled stream, which takes the place of the real feed

    def describe(self) -> str:
        return (
            f"{self.repeats} repetitions ({self.few_repeats} of what takes long) of "
            f"{self.articles:,} articles ({self.slow_articles:,} of the slow builds), "
            "unrelated and without pictures."
        )


USUAL = Scale()
WHOLE = Scale(memory_articles=100_000, feed_articles=3000)
TINY = Scale(
    repeats=1,
    few_repeats=1,
    articles=40,
    slow_articles=20,
    stand_in_articles=5,
    alone_articles=20,
    idle_drops=2,
    idle_seconds=1.0,
    floor_idle_seconds=1.0,
    stand_in_drops=2,
    load_seconds=1.0,
    memory_articles=80,
    stored_articles=100,
    promise_articles=100,
    transport_records=100,
    feed_articles=40,
)
