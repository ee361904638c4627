"""Seed files: reading, writing, and what is said about mistakes."""

import random
import re
from collections.abc import Sequence

import pytest

from shared.article import FieldError, SeedError, parse_seed, read_seed, render_seed
from shared.budgets import MAX_SEED_BYTES

SEED = """---
title: "Rain"
publishedDateTime: 2021-08-05T03:17:00Z
webUrl: "https://a.example/rain"
{more}
---
"""


def seed(more: str) -> bytes:
    return SEED.format(more=more).encode()


def parse_errors(raw: bytes) -> Sequence[FieldError]:
    with pytest.raises(SeedError) as caught:
        parse_seed(raw)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None  # a traceback with context would print values
    return caught.value.errors


_SPACED = re.compile(r'(?m)^( *(?:- )?(?:title|excerpt): ")(?:\s|\\[nrt])*(.*?)(?:\s|\\[nrt])*"$')


def trim(raw: bytes) -> bytes:
    """The seed without the spaces around its texts."""
    return _SPACED.sub(r'\1\2"', raw.decode()).encode()


def test_every_real_seed_is_read_and_written_byte_for_byte_but_for_spaces_around_texts(
    real_seeds: list[bytes], mission_seed: bytes
) -> None:
    for raw in (*real_seeds, mission_seed):
        assert render_seed(parse_seed(raw)) == trim(raw)
    assert sum(trim(raw) == raw for raw in real_seeds) > 400


def test_every_drop_of_the_history_is_read_and_written_byte_for_byte_but_for_these(
    drops: list[bytes],
) -> None:
    assert len(drops) == 4356
    assert all(render_seed(parse_seed(raw)) == trim(raw) for raw in drops)


def test_the_missions_seed_is_read_as_written(mission_seed: bytes) -> None:
    article = parse_seed(mission_seed)
    assert article.provider is not None
    assert (article.quality, article.heat, article.published) == (39, -1, False)
    assert article.provider.name == "CGTN"
    assert article.topics == ["Computer Vision", "AI"]
    assert (article.images[0].width, article.images[0].is_cached) == (750, True)
    assert article.related[0].quality == 59
    assert article.secured is not None
    assert article.secured.endswith("==")
    assert article.body == "\n"


@pytest.mark.parametrize(
    "body", ["", "\n", "Text.\n", "a\r\nb", "\n\n---\ntitle: no\n---\n", " ", "é\x00\u2028"]
)
def test_the_body_is_kept_byte_for_byte(body: str) -> None:
    article = parse_seed(seed("") + body.encode())
    assert article.body == body
    assert render_seed(article).endswith(b"\n---\n" + body.encode())


def test_a_seed_may_end_with_the_closing_line_itself() -> None:
    assert parse_seed(seed("").rstrip(b"\n")).body == ""


def test_a_byte_order_mark_and_crlf_change_nothing() -> None:
    plain, body = seed("topics:\n  - Rain"), b"x\r\n"
    with_both = b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n")
    assert parse_seed(with_both + body) == parse_seed(plain + body)


def test_lines_may_end_in_a_carriage_return_alone() -> None:
    raw = b"---\rtitle: Rain\rpublishedDateTime: 2021-08-05T03:17:00Z\r"
    raw += b"webUrl: https://a.example/rain\r---\rone\rtwo"
    article = parse_seed(raw)
    assert (article.title, article.body) == ("Rain", "one\rtwo")
    assert parse_seed(render_seed(article)) == article
    with pytest.raises(SeedError, match=re.escape("file (line 3): Expected UTF-8")):
        parse_seed(raw.replace(b"2021", b"\xff"))


@pytest.mark.parametrize("front", ['webUrl: ""', 'webUrl: " "', "webUrl:", ""])
@pytest.mark.parametrize("hint", ["", "~: 1e999", "heat: hot", "related: [5]"])
def test_a_missing_url_is_named_also_behind_a_faulty_hint(front: str, hint: str) -> None:
    raw = f"---\ntitle: Rain\npublishedDateTime: 2021-08-05T03:17:00Z\n{front}\n{hint}\n---\n"
    with pytest.raises(SeedError) as refusal:
        parse_seed(raw.encode())
    assert [error.field for error in refusal.value.errors] == ["originalUrl"]


def test_blanks_may_follow_the_delimiters() -> None:
    assert parse_seed(seed("").replace(b"---\n", b"--- \t\n")) == parse_seed(seed(""))


def test_missing_and_empty_lists_stay_apart_and_empty_texts_are_missing() -> None:
    with_empty = parse_seed(seed("topics: []\nprovider: {}\nfeaturedContent: ''\nexcerpt:\ntype:"))
    assert {"topics", "provider"} <= with_empty.model_fields_set
    assert not {"excerpt", "featured_content", "type"} & with_empty.model_fields_set
    without = parse_seed(seed(""))
    assert not {"images", "related", "quality"} & without.model_fields_set


def test_an_unknown_name_like_our_inner_one_is_not_the_field() -> None:
    article = parse_seed(seed("amp_web_url: 5"))
    assert article.amp_web_url is None
    assert article.model_extra == {"amp_web_url": 5}
    assert b"ampWebUrl" not in render_seed(article)


def test_dates_and_yaml_1_1_words_in_unknown_fields_are_text() -> None:
    article = parse_seed(seed("since: 2021-01-01\nat: '12:30:45'\nmood: yes"))
    assert article.model_extra == {"since": "2021-01-01", "at": "12:30:45", "mood": "yes"}


def test_all_mistakes_are_reported_at_once() -> None:
    raw = b'---\ntitle: 5\nquality: "39"\nimages:\n  - url: "x"\n  - width: true\n---\n'
    assert [(error.field, error.line) for error in parse_errors(raw)] == [
        ("publishedDateTime", 1),
        ("originalUrl", 1),
        ("title", 2),
        ("quality", 3),
        ("images[0].url", 5),
        ("images[1].url", 6),
    ]


@pytest.mark.parametrize(
    ("more", "field", "line", "words"),
    [
        ("quality: '39'", "quality", 5, 'Expected a whole number, found the text "39".'),
        ("quality: 3.5", "quality", 5, "Expected a whole number, found the number 3.5."),
        ("quality: true", "quality", 5, "Expected a whole number, found true."),
        ("quality: -1", "quality", 5, "Expected a number from 0 upwards, found the number -1."),
        ("quality: 99999999999", "quality", 5, "up to 2147483647"),
        ("\nexcerpt: 2021", "excerpt", 6, "Expected text, found the number 2021."),
        ("type: podcast", "type", 5, "Expected 'article' or 'video', found the text \"podcast\"."),
        ("provider: CGTN", "provider", 5, 'Expected a block of fields, found the text "CGTN".'),
        ("topics:\n  - a\n  - 5", "topics[1]", 7, "Expected text, found the number 5."),
        ("topics: [a,\n  [b]]", "topics[1]", 6, "Expected text, found a list."),
        ("images:\n- width: 5", "images[0].url", 6, "Expected this field, but it is missing."),
        ("provider:\n  images:\n    - url: //x", "provider.images[0].url", 7, "complete URL"),
        ("ampWebUrl: /rain", "ampWebUrl", 5, 'http:// or https://, found the text "/rain".'),
        ("body: x", "body", 5, "below the front matter"),
        ("title: Snow", "title", 5, "Expected each field once"),
        ("provider:\n  name: a\n  'name': b", "provider.name", 7, "Expected each field once"),
        ("excerpt: a: b", "excerpt", 5, "Expected one value, found a second colon"),
        ("excerpt: 'a", "excerpt", 5, "Expected a closing quotation mark (')"),
        ("topics: [a", "topics", 5, "Expected a closing bracket (])"),
        (
            "category: " + "[" * 40 + "]" * 40,
            "category" + "[0]" * 20,
            5,
            "Expected at most 32 levels",
        ),
        ("quality: " + "9" * 5000, "quality", 5, "found a number of more than 300 digits"),
        ("category: &a x", "category", 5, "anchor or alias"),
        ("mood: x\nexcerpt: *a", "excerpt", 6, "anchor or alias"),
        ("category: !!python/object/apply:os.system ['true']", "category", 5, "without a YAML tag"),
        (
            "category: !<tag:yaml.org,2002:python/name:os.system> x",
            "category",
            5,
            "without a YAML tag",
        ),
        ("topics: [a, !x b]", "topics[1]", 5, "without a YAML tag"),
        ("mood: a\x00b", "front matter", 5, "found the character U+0000"),
        ("mood: 'a\x07b'", "front matter", 5, "found the character U+0007"),
        ("...\nmood: x", "front matter", 2, "Expected one block of `name: value` lines"),
    ],
)
def test_each_mistake_is_named_with_field_line_and_sentence(
    more: str, field: str, line: int | None, words: str
) -> None:
    (error,) = parse_errors(seed(more))
    assert error.line == line
    assert error.field == field or error.field.startswith(field[:50])
    assert words in error.message
    assert error.message[0].isupper()
    assert error.message.endswith(".")


@pytest.mark.parametrize(
    ("raw", "field", "line", "words"),
    [
        (b"", "file", None, "found an empty file"),
        (b" \r\n\t", "file", None, "found an empty file"),
        (
            b"title: Rain\n",
            "front matter",
            1,
            "Expected front matter that begins with a line `---`",
        ),
        (b"\n" + seed(""), "front matter", 1, "Expected front matter that begins"),
        (b"----\na: 1\n---\n", "front matter", 1, "Expected front matter that begins"),
        (b"---\ntitle: Rain\n ---\n", "front matter", 1, "that closes the front matter"),
        (b"---", "front matter", 1, "Expected front matter that begins"),
        (b"---\ntitle: R\xe9n\n---\n", "file", 2, "Expected UTF-8, found byte 0xE9 at offset 12."),
        (
            seed("").decode().encode("utf-16"),
            "file",
            1,
            "Expected UTF-8, found byte 0xFF at offset 0.",
        ),
        (b"---\n- a\n---\n", "front matter", 2, "Expected one block"),
        (
            b"x" * (MAX_SEED_BYTES + 1),
            "file",
            None,
            "Expected at most 1,048,576 bytes, found 1,048,577.",
        ),
    ],
)
def test_what_is_no_seed_at_all_is_refused(
    raw: bytes, field: str, line: int | None, words: str
) -> None:
    (error,) = parse_errors(raw)
    assert (error.field, error.line) == (field, line)
    assert words in error.message


def test_an_empty_front_matter_lacks_title_date_and_url() -> None:
    missing = {error.field for error in parse_errors(b"---\n---\n")}
    assert missing == {"title", "publishedDateTime", "originalUrl"}


SECRET = "QmxhY2tCaXJk"


@pytest.mark.parametrize(
    "more",
    [
        f"secured: [{SECRET}]",
        f"secured: {{{SECRET}: 1, {SECRET}: 2}}",
        f"secured:\n  {SECRET}: {{1: {SECRET}}}",
        f"secured: '{SECRET}",
        f'secured: "{SECRET}\\z"',
        f"secured: {SECRET}: {SECRET}",
        f"secured: !{SECRET} x",
        f"secured: *{SECRET}",
        f"secured: &{SECRET} x",
        f"secured: !!{SECRET} x",
        f"secured: %{SECRET}",
        f"secured: @{SECRET}",
        f"secured: '{SECRET}'\nquality: x",
        f"secured: '{SECRET}'\n\tx",
        f"secured: '{SECRET}'\n  {SECRET}: x",
        f"secured: |\n  {SECRET}\n x",
        f"secured: {SECRET}\nsecured: {SECRET}",
        f"secured: [{{? {SECRET} : 1, [{SECRET}]: 2}}]",
        f"related:\n  - secured: {{1: {SECRET}}}",
        f"secured: {SECRET}\x07",
        f"mood: {{secured: {{1: {SECRET}}}}}",
    ],
)
def test_neither_an_error_nor_a_warning_shows_what_is_secured(more: str) -> None:
    message = ""
    try:
        faults = read_seed(seed(more)).warnings
    except SeedError as error:
        message, faults = str(error), error.errors
    assert faults
    assert SECRET not in repr(faults)
    assert SECRET not in message


def test_a_damaged_seed_is_read_or_refused_without_showing_a_secret(mission_seed: bytes) -> None:
    insertions = (b'"', b"\n", b": ", b"- ", b"[", b"{", b"\t", b"&a ", b"!x ", b"---\n", b"'")
    insertions += (b"\r", b"\xff")
    secured = str(parse_seed(mission_seed).secured)
    chance = random.Random(5)
    for _ in range(2_000):
        start, insertion = chance.randrange(len(mission_seed)), chance.choice(insertions)
        end = start + chance.randrange(40)
        message = parse_or_explain(mission_seed[:start] + insertion + mission_seed[end:])
        assert not any(secured[at : at + 40] in message for at in range(len(secured) - 40))


def parse_or_explain(raw: bytes) -> str:
    """The error message for *raw*; empty if it is an article that survives its own file."""
    try:
        article = parse_seed(raw)
    except SeedError as error:
        return str(error)
    assert parse_seed(render_seed(article)) == article
    return ""
