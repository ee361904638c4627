"""The labelled streams are English: an article taken for another language would lose its links."""

import pytest

from services.enrichment.related.features.languages.detection import ENOUGH, by_letters, detect
from services.enrichment.related.features.languages.english import is_plainly_english
from tests.bench.linking.streams import STREAMS, articles, missing


@pytest.mark.skipif(missing() is not None, reason=missing() or "")
@pytest.mark.parametrize("stream", STREAMS)
def test_no_english_article_is_taken_for_another_language(stream: str):
    texts = {f"{one['title']}\n{one['excerpt']}" for one in articles(stream)}
    assert [text for text in texts if detect(text) != "en"] == []


@pytest.mark.skipif(missing() is not None, reason=missing() or "")
@pytest.mark.parametrize("stream", STREAMS)
def test_what_is_plainly_english_is_english_to_the_package_too(stream: str):
    texts = {f"{one['title']}\n{one['excerpt']}"[:ENOUGH] for one in articles(stream)}
    plain = [text for text in texts if is_plainly_english(text)]
    assert len(plain) > 0.6 * len(texts)
    assert [text for text in plain if by_letters(text) != "en"] == []
