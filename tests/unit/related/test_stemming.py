"""Words as linking sees them."""

from services.enrichment.related.features.stemming import stems, weight


def test_letters_are_folded_and_words_stemmed_in_order():
    assert stems("Straßen &amp; Cafés: 3 strikes, striking!") == [
        "strassen",
        "cafe",
        "three",
        "strike",
        "strike",
    ]


def test_a_rare_word_says_more_than_a_common_one():
    assert weight("harbour") > weight("report") > weight("the")


def test_an_unknown_word_is_as_heavy_as_a_word_can_be_within_the_bound():
    assert 8 < weight("zyxomatic") <= 10


def test_what_is_written_in_several_ways_is_one():
    assert stems("U.S. dog's AT&T") == stems("us dog at&t")
    assert stems("1,000 jobs") == stems("1000 jobs") == stems("1 thousand jobs")
    assert stems("$2bn deal") == stems("$2 billion deal")
    assert stems("Three dead") == stems("3 dead")
    assert stems("health-care") == stems("health care")
    assert stems("rate of 2.5%") == ["rate", "of", "2.5"]
