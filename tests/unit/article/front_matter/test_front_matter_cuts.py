"""Hints beyond the YAML of seeds are left out with a warning; other fields refuse the seed."""

import pytest

from shared.article import ParsedSeed, SeedError, read_seed, render_seed

SEED = """---
title: "Rain"
publishedDateTime: 2021-08-05T03:17:00Z
webUrl: "https://a.example/rain"
{more}
---
the body
"""
ANCHOR = "a YAML anchor or alias"
LEVELS = "at most 32 levels"


def read(more: str, break_: str = "\n") -> ParsedSeed:
    return read_seed(SEED.format(more=more).replace("\n", break_).encode())


@pytest.mark.parametrize(
    ("more", "field", "line", "words"),
    [
        ("mood: &a x", "mood", 5, ANCHOR),
        ("mood: *a", "mood", 5, ANCHOR),
        ("&a mood: x", "mood", 5, ANCHOR),
        ("mood:\n  inner: [1, {a: &b 2}]", "mood", 6, ANCHOR),
        ("heat: !t 5", "heat", 5, "a YAML tag"),
        ("related: &a []", "related", 5, ANCHOR),
        ("featuredContent: " + "[" * 60 + "]" * 60, "featuredContent", 5, LEVELS),
        ("mood: " + "{a: " * 150 + "}" * 150, "mood", 5, LEVELS),
        ("mood:\n" + " " * 120 + "x: 1", "mood", 6, "at most 100 columns"),
        ("? &a [1]\n: 3", "?", 5, ANCHOR),
    ],
)
def test_a_hint_is_left_out_with_a_warning(more: str, field: str, line: int, words: str) -> None:
    for break_ in ("\n", "\r\n", "\r"):
        seed = read(f"{more}\ncategory: news", break_)
        (warning,) = seed.warnings
        assert (warning.field, warning.line) == (field, line)
        assert words in warning.message
        assert warning.message.endswith("The field is left out.")
        assert seed.article.category == "news"
        assert seed.article.model_extra == {}
        assert read_seed(render_seed(seed.article)).warnings == ()


def test_a_text_above_and_the_lines_below_stay_as_they_are() -> None:
    seed = read("excerpt: |+\n  long\n\nmood: &a x\nheat: hot\ncategory: news")
    assert (seed.article.excerpt, seed.article.category) == ("long", "news")
    assert [(warning.field, warning.line) for warning in seed.warnings] == [
        ("mood", 8),
        ("heat", 9),
    ]


def test_an_alias_bomb_of_hints_is_left_out() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"b{number}: &b{number} [*a,*a,*a,*a,*a,*a,*a]\n" for number in range(9)
    )
    assert [warning.field for warning in read(bomb).warnings] == ["a", *(f"b{n}" for n in range(9))]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ("quality: &a 5", "quality"),
        ("secured: &a x", "secured"),
        ("mood: &a x\ncategory: *a", "category"),
        ("images:\n  - url: https://a.example/1.jpg\n    mood: &a x", "images[0].mood"),
        ("mood: &a x, heat: 5", "mood"),
        ("mood: " + "[" * 100_000, "mood"),
        ("mood: " + "[" * 300 + "]" * 300, "mood"),
    ],
)
def test_another_field_or_one_whose_end_is_unknown_refuses_the_seed(more: str, field: str) -> None:
    with pytest.raises(SeedError) as refusal:
        read(more)
    assert refusal.value.errors[0].field.startswith(field)


def test_fields_that_share_a_line_cannot_be_left_out_alone() -> None:
    with pytest.raises(SeedError, match=ANCHOR):
        read_seed(b"---\n{title: Rain, mood: &a x}\n---\n")
