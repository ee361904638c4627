"""Which reader makes the directions of articles, and what it makes of them."""

from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from services.enrichment.related.features.readers import Reader, load_reader
from services.enrichment.related.features.sentence_model import (
    DEFAULT_FOLDER,
    SentenceModel,
    is_installed,
)
from services.enrichment.related.features.signature_builder import SignatureBuilder
from shared.errors import SettingsError
from tests.unit.related.articles import build_article

needs_model = pytest.mark.skipif(
    not is_installed(DEFAULT_FOLDER), reason="no sentence model is installed: `make model`"
)


class TestTheSetting:
    def test_off_takes_the_table(self):
        assert load_reader("off", DEFAULT_FOLDER) == Reader("table")

    def test_auto_takes_the_table_where_no_model_is_installed(self, tmp_path: Path):
        assert load_reader("auto", tmp_path) == Reader("table")

    def test_on_without_a_model_is_a_settings_error(self, tmp_path: Path):
        with pytest.raises(SettingsError, match="make model"):
            load_reader("on", tmp_path)

    @needs_model
    def test_auto_takes_the_model_where_it_is_installed(self):
        assert load_reader("auto", DEFAULT_FOLDER).name == "minilm"


class TestDirections:
    def test_are_whole_numbers_or_zeros(self):
        east = bytes([100]) + bytes(63)
        parsed = Reader("table").parse_directions([east, b"", b"too short"])
        assert parsed.tolist() == [[100, *bytes(63)], [*bytes(64)], [*bytes(64)]]

    async def test_of_the_table_have_64_bytes(self):
        builder = SignatureBuilder(Reader("table"))
        (signature,) = await builder.build([build_article("a", "Comet brightens")])
        assert len(signature.direction) == 64

    @needs_model
    async def test_of_the_model_have_384_bytes_for_english_alone(self):
        reader = load_reader("on", DEFAULT_FOLDER)
        english = build_article("a", "Comet brightens over the harbour")
        german = build_article("b", "Der Komet leuchtet heller über dem Hafen der Stadt")
        signatures = await SignatureBuilder(reader).build([english, german])
        assert [len(signature.direction) for signature in signatures] == [384, 0]

    @needs_model
    async def test_of_a_batch_are_in_its_order_and_those_of_each_alone(self):
        builder = SignatureBuilder(load_reader("on", DEFAULT_FOLDER))
        titles = ("Comet brightens", "Bakers toast the reprieve", "A tremor has hit a bridge")
        batch = [build_article(str(place), title) for place, title in enumerate(titles)]
        together = await builder.build(batch)
        assert together == [*chain.from_iterable([await builder.build([each]) for each in batch])]


@pytest.fixture(scope="module")
def model() -> SentenceModel:
    return SentenceModel(DEFAULT_FOLDER)


@needs_model
class TestTheModel:
    def test_finds_sentences_of_one_meaning_alike(self, model: SentenceModel):
        quake, tremor, bakers = (
            model.embed_text(text)
            for text in (
                "Earthquake damages the bridge of Lowmarsh",
                "A strong tremor has hit a bridge in Lowmarsh",
                "Bakers toast the reprieve of their night tram",
            )
        )
        assert np.linalg.norm(quake) == pytest.approx(1, abs=1e-4)
        assert quake @ tremor > 0.6 > 0.3 > quake @ bakers

    def test_gives_the_same_bytes_again(self, model: SentenceModel):
        article = build_article("a", "Comet brightens", "It needs no telescope.").article
        assert model.embed(article) == model.embed(article)

    def test_reads_texts_of_any_length(self, model: SentenceModel):
        assert model.embed_text("").shape == model.embed_text("comet " * 1000).shape == (384,)
