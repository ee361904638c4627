"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Numbers of articles are for one repetition."""

    repeats: int = 5
    few_repeats: int = 3  # of what takes long
    articles: int = 1500
    slow_articles: int = 200  # where an article takes ten milliseconds
    alone_articles: int = 800
    idle_drops: int = 40
    load_seconds: float = 8.0
    memory_articles: int = 9_000
    stored_articles: int = 100_000
    promise_articles: int = 2000
    transport_records: int = 8000


USUAL = Scale()
WHOLE = Scale(memory_articles=100_000)
TINY = Scale(
    repeats=1,
    few_repeats=1,
    articles=40,
    slow_articles=20,
    alone_articles=20,
    idle_drops=2,
    load_seconds=1.0,
    memory_articles=80,
    stored_articles=100,
    promise_articles=100,
    transport_records=100,
)
