"""A million signatures of news that is no story: the noise of the mixed stream, over and over, each time another.

Copies of an article must not look alike, or they would be candidates of each other as no strangers are. So in every
copy 3 of 10 stems are exchanged for stems of other articles, drawn as often as they stand there (common words stay
common, and grow with the store as they do in real news), and 1 in 10 for a word that never was (new names keep coming).
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from math import sqrt
from random import Random

from services.enrichment.related.features.signature import TERMS, sign
from services.enrichment.related.features.stemming import weight
from shared.article import Article, render
from shared.store import Signature, StoredArticle
from tests.bench.linking.streams import Row, articles

START = datetime(2026, 1, 1, tzinfo=UTC)
EXCHANGED, INVENTED = 0.3, 0.1


def base() -> list[Signature]:
    """The signatures of the articles that are in no story, by the worker's own code."""
    rows = articles("stream_mix_a")
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[row["story"]] = sizes.get(row["story"], 0) + 1
    return [_signature(row) for row in rows if sizes[row["story"]] == 1]


def feed(noise: Sequence[Signature], a_day: int) -> Iterator[Signature]:
    """Without end, in the order of publication, *a_day* of them a day. The same in every run."""
    random = Random(1)
    stems = [stem for signature in noise for stem in signature.vector]
    for number in count():
        original = noise[random.randrange(len(noise))]
        yield _copy(original, number, START + timedelta(days=number / a_day), stems, random)


def _copy(
    original: Signature, number: int, at: datetime, stems: Sequence[str], random: Random
) -> Signature:
    vector: dict[str, float] = {}
    for stem, value in original.vector.items():
        drawn = random.random()
        if drawn < INVENTED:
            vector[f"new{number}x{len(vector)}"] = value
        elif drawn < INVENTED + EXCHANGED:
            other = random.choice(stems)
            vector[other] = value * weight(other) / weight(stem)
        else:
            vector[stem] = value
    norm = sqrt(sum(value * value for value in vector.values())) or 1.0
    vector = {stem: value / norm for stem, value in vector.items()}
    terms = tuple(sorted(vector, key=lambda stem: (-vector[stem], stem))[:TERMS])
    return Signature(f"{number:08x}", 1, at, terms, vector, original.column, original.meaning)


def _signature(row: Row) -> Signature:
    article = Article(
        title=row["title"] or "-",
        excerpt=row["excerpt"] or None,
        published_date_time=START,
        original_url=f"https://stream.invalid/{row['id']}",
    )
    return sign(StoredArticle(str(row["id"]), render(article), 1, (), START, START))
