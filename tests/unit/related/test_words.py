"""Words as linking sees them."""

from services.enrichment.related.words import stems, weight


def test_letters_are_folded_and_words_stemmed_in_order():
    assert stems("Straßen &amp; Cafés: 3 strikes, striking!") == ["strassen", "cafe", "3", "strike", "strike"]


def test_a_rare_word_says_more_than_a_common_one():
    assert weight("harbour") > weight("report") > weight("the")


def test_an_unknown_word_is_as_heavy_as_a_word_can_be_within_the_bound():
    assert 8 < weight("zyxomatic") <= 10
