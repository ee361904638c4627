"""Words as linking sees them."""

from services.enrichment.related.features.stemming import stem_text, stem_weight


def test_letters_are_folded_and_words_stemmed_in_order():
    stems = stem_text("Straßen &amp; Cafés: 3 strikes, striking!")
    assert stems == ["strassen", "cafe", "three", "strike", "strike"]


def test_a_rare_word_says_more_than_a_common_one():
    assert stem_weight("harbour") > stem_weight("report") > stem_weight("the")


def test_an_unknown_word_weighs_as_much_as_a_word_can():
    assert 8 < stem_weight("zyxomatic") <= 10


def test_words_with_several_spellings_have_one():
    assert stem_text("U.S. dog's AT&T") == stem_text("us dog at&t")
    assert stem_text("1,000 jobs") == stem_text("1000 jobs") == stem_text("1 thousand jobs")
    assert stem_text("$2bn deal") == stem_text("$2 billion deal")
    assert stem_text("Three dead") == stem_text("3 dead")
    assert stem_text("health-care") == stem_text("health care")
    assert stem_text("rate of 2.5%") == ["rate", "of", "2.5"]
