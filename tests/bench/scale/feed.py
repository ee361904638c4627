"""A million signatures of news that is no story: the noise of the mixed stream, replicated.

Copies of an article must not look alike, or they would be candidates of each other as no strangers
are. So in every copy 3 of 10 stems are exchanged for stems of other articles, drawn as often as
they occur there: common words stay common, and grow with the store as they do in real news. And 1
in 10 is replaced by a word that never occurred: new names keep coming.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from math import sqrt
from random import Random

from services.enrichment.related.features.signature import MAX_TERMS, build_signature
from services.enrichment.related.features.stemming import stem_weight
from shared.article import Article, render_seed
from shared.store import Signature, StoredArticle
from tests.bench.linking.streams import Row, load_articles

START = datetime(2026, 1, 1, tzinfo=UTC)
EXCHANGED, INVENTED = 0.3, 0.1


def load_noise() -> list[Signature]:
    """The signatures of the articles that are in no story, built by the worker's own code."""
    rows = load_articles("stream_mix_a")
    sizes = Counter(row["story"] for row in rows)
    return [_build_signature(row) for row in rows if sizes[row["story"]] == 1]


def replicate(noise: Sequence[Signature], per_day: int) -> Iterator[Signature]:
    """Copies without end, in the order of publication. They are the same in every run."""
    random = Random(1)
    stems = [stem for signature in noise for stem in signature.vector]
    for number in count():
        original = noise[random.randrange(len(noise))]
        at = START + timedelta(days=number / per_day)
        yield _copy(original, number, at, stems, random)


def _copy(
    original: Signature, number: int, at: datetime, stems: Sequence[str], random: Random
) -> Signature:
    vector = _vary(original, number, stems, random)
    terms = tuple(sorted(vector, key=lambda stem: (-vector[stem], stem))[:MAX_TERMS])
    return replace(
        original,
        article_id=f"{number:08x}",
        version=1,
        published_at=at,
        terms=terms,
        vector=vector,
    )


def _vary(
    original: Signature, number: int, stems: Sequence[str], random: Random
) -> dict[str, float]:
    """The vector of *original* with some stems exchanged and some invented, of L2 norm 1."""
    vector: dict[str, float] = {}
    for stem, value in original.vector.items():
        drawn = random.random()
        if drawn < INVENTED:
            vector[f"new{number}x{len(vector)}"] = value
        elif drawn < INVENTED + EXCHANGED:
            other = random.choice(stems)
            vector[other] = value * stem_weight(other) / stem_weight(stem)
        else:
            vector[stem] = value
    norm = sqrt(sum(value * value for value in vector.values())) or 1.0
    return {stem: value / norm for stem, value in vector.items()}


def _build_signature(row: Row) -> Signature:
    article = Article(
        title=row["title"] or "-",
        excerpt=row["excerpt"] or None,
        published_date_time=START,
        original_url=f"https://stream.invalid/{row['id']}",
    )
    stored = StoredArticle(str(row["id"]), render_seed(article), 1, (), START, START)
    return build_signature(stored)
