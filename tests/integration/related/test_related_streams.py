"""The labelled streams are English: an article taken for another language would lose its links."""

import pytest

from services.enrichment.related.features.languages.detection import (
    MAX_LETTERS,
    detect_language,
    identify_by_letters,
)
from services.enrichment.related.features.languages.english import is_plainly_english
from tests.bench.linking.streams import STREAMS, find_missing, load_articles

needs_streams = pytest.mark.skipif(find_missing() is not None, reason=find_missing() or "")


def load_texts(stream: str) -> set[str]:
    return {f"{article['title']}\n{article['excerpt']}" for article in load_articles(stream)}


@needs_streams
@pytest.mark.parametrize("stream", STREAMS)
def test_no_english_article_is_taken_for_another_language(stream: str):
    assert [text for text in load_texts(stream) if detect_language(text) != "en"] == []


@needs_streams
@pytest.mark.parametrize("stream", STREAMS)
def test_plainly_english_texts_are_english_to_the_package_too(stream: str):
    texts = {text[:MAX_LETTERS] for text in load_texts(stream)}
    plain = [text for text in texts if is_plainly_english(text)]
    assert len(plain) > 0.6 * len(texts)
    assert [text for text in plain if identify_by_letters(text) != "en"] == []
