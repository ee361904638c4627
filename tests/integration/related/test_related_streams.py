"""The labelled streams are English: an article taken for another language would lose its links."""

import pytest

from services.enrichment.related.languages.detection import detect
from tests.bench.linking.streams import STREAMS, articles


@pytest.mark.parametrize("stream", STREAMS)
def test_no_english_article_is_taken_for_another_language(stream: str):
    texts = {f"{one['title']}\n{one['excerpt']}" for one in articles(stream)}
    assert [text for text in texts if detect(text) != "en"] == []
