"""What a listing takes from its seed."""

import pytest

from shared.article import parse_seed
from shared.store.listing_content import (
    MAX_TOPICS,
    MAX_WORDS,
    build_slug,
    describe_content,
    split_words,
)
from tests.contract.store.builders import an_article


def a_seed(title: str, more: str = "") -> bytes:
    escaped = title.replace('"', '\\"')
    return (
        f'---\ntitle: "{escaped}"\npublishedDateTime: 2021-08-05T03:17:00Z\n'
        f"webUrl: https://paper.example/x\n{more}---\n"
    ).encode()


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        (
            "Microsoft Power Apps Portals | 2019 release",
            "microsoft-power-apps-portals-2019-release",
        ),
        ("Microsoft's Low-Code Power Apps", "microsofts-low-code-power-apps"),
        ("SP1 version 9.1 is here", "sp1-version-91-is-here"),
        ("SAP® for Teams—now", "sap-for-teamsnow"),
        (f"{'word ' * 60}", "-".join(["word"] * 30)),
    ],
)
def test_a_slug_is_made_as_the_sites_of_the_seeds_make_theirs(title: str, slug: str):
    assert build_slug(parse_seed(a_seed(title))) == f"2021-08-05-{slug}"


def test_an_article_without_latin_letters_has_its_id_for_a_slug():
    assert describe_content(an_article("a1", seed=a_seed("深度学习"))).slug == "a1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Docks: a STRIKE, a strike", ("docks", "a", "strike")),
        ("Élan—naïve", ("elan", "naive")),
        ("COVID-19 snake_case", ("covid", "19", "snake", "case")),
        ("AI深度", ("ai", "深", "度", "深度")),
        ("!?", ()),
    ],
)
def test_words_are_without_case_accents_and_repeats(text: str, words: tuple[str, ...]):
    assert split_words(text) == words


def test_a_hostile_seed_gets_no_more_keys_than_others():
    topics = ", ".join(f"topic{number}" for number in range(MAX_TOPICS * 2))
    title = " ".join(f"word{number}" for number in range(MAX_WORDS * 2))
    content = describe_content(an_article("a1", seed=a_seed(title, f"topics: [{topics}]\n")))
    assert len(content.topics) == MAX_TOPICS
    assert len(content.facets) == MAX_TOPICS + 2
    assert len(content.words) == MAX_WORDS
