"""Counts in words."""

from services.console.counts import format_count


def test_only_of_one_thing_the_noun_is_singular():
    assert [format_count(number, "article") for number in (0, 1, 12345)] == [
        "0 articles",
        "1 article",
        "12,345 articles",
    ]


def test_a_plural_may_be_given():
    assert format_count(1, "story", "stories") == "1 story"
    assert format_count(3, "story", "stories") == "3 stories"
