"""Faults of hints: each is a warning, and none refuses a seed."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.article import Article, SeedError, parse_seed, read_seed, render_seed
from shared.article.errors import MAX_ERRORS

SEED = """---
title: "Rain"
publishedDateTime: 2021-08-05T03:17:00Z
webUrl: "https://a.example/rain"
{more}
---
"""


def seed(more: str) -> bytes:
    return SEED.format(more=more).encode()


def read(more: str) -> Article:
    """The article of a seed with faulty hints, which survives its own file without any fault."""
    article = parse_seed(seed(more))
    again = read_seed(render_seed(article))
    assert (again.article, again.warnings) == (article, ())
    return article


@pytest.mark.parametrize(
    ("more", "field", "line", "words"),
    [
        ("published: yes", "published", 5, 'true or false, found the text "yes". It is left out.'),
        ("heat: hot", "heat", 5, "a whole number"),
        ("related: none", "related", 5, "a list"),
        ("related:\n  - 5", "related[0]", 6, "a block of fields"),
        ("related:\n  - publishedDateTime: 2021", "related[0].publishedDateTime", 6, "its zone"),
        ("related:\n  - webUrl: /x", "related[0].webUrl", 6, "a complete URL"),
        ("related:\n  - images:\n    - width: 5", "related[0].images[0].url", 7, "is missing"),
        ("related:\n  - images:\n    - url: x", "related[0].images[0].url", 7, "a complete URL"),
        ("related:\n  - provider:\n      name: 5", "related[0].provider.name", 7, "text"),
        ("images:\n- url: https://a.example/i\n  width: -1", "images[0].width", 7, "from 0"),
        ("images:\n- url: https://a.example/i\n  isCached: 1", "images[0].isCached", 7, "true"),
        (
            "provider:\n  images:\n    - url: https://a.example/i\n      height: x",
            "provider.images[0].height",
            8,
            "a whole number",
        ),
        ("2021: x", "2021", 5, "text as the name of a field"),
        ("true: x", "true", 5, "It is kept as text."),
        ("mood: {1: x}", "mood", 5, "text as the name of each field inside"),
        ("mood: .nan", "mood", 5, "finite numbers"),
        ("mood: " + "9" * 5000, "mood", 5, "numbers of at most 300 digits"),
        ("featuredContent: [.inf]", "featuredContent", 5, "finite numbers"),
        ("k-" * 76 + ": 1", "k-" * 29 + "k…", 5, "at most 150 characters"),
    ],
)
def test_each_fault_of_a_hint_is_a_warning_with_field_line_and_sentence(
    more: str, field: str, line: int, words: str
) -> None:
    (warning,) = read_seed(seed(more)).warnings
    assert (warning.field, warning.line) == (field, line)
    assert words in warning.message
    assert warning.message.startswith("Expected")
    assert warning.message.endswith(".")
    read(more)


def test_what_is_right_beside_a_fault_is_kept() -> None:
    article = read(
        "heat: hot\n"
        "related:\n"
        "  - title: Hail\n    quality: x\n"
        "  - 7\n"
        "  - title: Snow\n    images:\n"
        "      - url: 'https://a.example/1.jpg '\n"
        "      - url: 'https://a .example/2.jpg'\n"
        "      - url: https://a.example/3.jpg\n        width: wide\n"
    )
    assert article.heat is None
    assert [relative.title for relative in article.related] == ["Hail", "Snow"]
    urls = [image.url for image in article.related[1].images]
    assert urls == ["https://a.example/1.jpg", "https://a.example/3.jpg"]


def test_what_json_cannot_express_is_kept_as_text() -> None:
    article = read("mood: {2: a, true: .nan, null: [-.inf, 2]}\n5: x")
    assert article.model_extra == {"mood": {"2": "a", "true": "nan", "null": ["-inf", 2]}, "5": "x"}


def test_a_name_that_becomes_text_takes_the_place_of_no_other() -> None:
    article = read("mood: {1: a, '1': b}\n5: x\n'5': y")
    assert article.model_extra is not None
    assert article.model_extra["5"] == "y"
    assert set(article.model_extra["mood"]) == {"1"}


def test_empty_items_count_for_the_place_of_a_fault() -> None:
    more = "related:\n  -\n  - title: Hail\n  - ''\n  - title: 5\n"
    (warning,) = read_seed(seed(more)).warnings
    assert (warning.field, warning.line) == ("related[3].title", 9)
    assert [relative.title for relative in read(more).related] == ["Hail", None]


def test_an_error_beside_a_warning_refuses_the_seed_and_is_all_that_is_listed() -> None:
    with pytest.raises(SeedError) as caught:
        parse_seed(seed("heat: hot\nquality: high"))
    assert [error.field for error in caught.value.errors] == ["quality"]


def test_of_many_warnings_the_first_are_listed() -> None:
    entries = "".join(f"\n  - quality: {number}.5" for number in range(100))
    warnings = read_seed(seed(f"related:{entries}")).warnings
    assert len(warnings) == MAX_ERRORS + 1
    assert warnings[-1].message == "80 more warnings are not listed."


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ("related: [" + "5," * 3_000 + "{title: Hail}]", "related"),
        ("related: [{images: [" + "{url: x}," * 3_000 + "]}]", "related"),
        ("\n".join(f"{number}: x" for number in range(3_000)), "front matter"),
        ("images: [" + "{url: 'https://a.example/i', width: x}," * 3_000 + "]", "images"),
    ],
    ids=["entries", "pictures", "names", "sizes"],
)
def test_hints_with_very_many_faults_are_left_out_together(more: str, field: str) -> None:
    (warning,) = read_seed(seed(more)).warnings
    assert warning.field == field
    assert warning.message.endswith("found very many. All hints here are left out.")
    read(more)


def test_very_many_faults_of_other_fields_refuse_the_seed_and_the_first_are_named() -> None:
    for more in ("topics: [" + "5," * 3_000 + "]", "topics: [" + "a," * 3_000 + "5," * 1_001 + "]"):
        with pytest.raises(SeedError) as caught:
            parse_seed(seed(more))
        assert len(caught.value.errors) in (1, MAX_ERRORS + 1)


HINTS = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text("ax ", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["url", "images", "width", "title", "provider", "webUrl", "mood"])
            | st.integers(0, 2),
            inner,
            max_size=3,
        )
    ),
)


def write_flow(value: Any) -> str:
    """*value* as YAML in one line."""
    match value:
        case dict():
            fields = [f"{write_flow(name)}: {write_flow(item)}" for name, item in value.items()]
            return "{" + ", ".join(fields) + "}"
        case list():
            return "[" + ", ".join(map(write_flow, value)) + "]"
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case float():
            return repr(value).replace("nan", ".nan").replace("inf", ".inf")
        case str():
            return f"'{value}'"
        case _:
            return str(value)


@example("related", [{0: {0: None}}])
@example("related", [None, False])
@given(
    st.sampled_from(["related", "heat", "published", "mood", "featuredContent"]),
    HINTS,
)
def test_no_hint_whatsoever_refuses_a_seed(name: str, value: Any) -> None:
    read(f"{name}: {write_flow(value)}")
