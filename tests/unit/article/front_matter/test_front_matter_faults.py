"""What the YAML parser cannot read is explained in the author's terms, and on the right line."""

import re

import pytest
import yaml_rs
from hypothesis import given
from hypothesis import strategies as st

from shared.article import SeedError
from shared.article.errors import FieldError
from shared.article.front_matter.faults import explain_fault
from shared.article.front_matter.parsing import load_front_matter

JARGON = re.compile("scalar|mapping|sequence|node|simple key|token|EOF|while |YAML parse")


def explain(text: str) -> FieldError:
    with pytest.raises(SeedError) as caught:
        load_front_matter(text)
    return caught.value.errors[0]


@pytest.mark.parametrize(
    ("text", "field", "line", "message"),
    [
        ("a: x\ntitle: 'b\nc: 1", "title", 3, "Expected a closing quotation mark (')"),
        ('a: x\ntitle: "b\nc: "1"', "title", 3, 'Expected a closing quotation mark (")'),
        ('images:\n  - title: "b\nc: 1', "front matter", 3, 'a closing quotation mark (")'),
        ("title: 'it's'", "title", 2, "nothing after the closing quotation mark (')"),
        ('title: "a "b" c"', "title", 2, 'nothing after the closing quotation mark (")'),
        ("title: 'a' b", "title", 2, "write '' for an apostrophe"),
        ('title: "a\n  b" c', "front matter", 3, 'write \\" for a quotation mark'),
        ("title: a: b", "title", 2, "found a second colon: put the value in quotes."),
        ("title: “a: b”", "title", 2, 'Expected straight quotation marks (")'),
        ("quality: 5\n  heat: 6", "front matter", 3, "check how far both lines are indented"),
        ("a: 1\nquality 5", "front matter", 3, "`name: value`, found one without a colon"),
        ("a: 1\nquality:5\n\n# x\nb: 2", "front matter", 3, "a space after the colon, found none"),
        ("quality:\t5", "quality", 2, "Expected a space after the colon, found a tab."),
        ("a: 1\n\tb: 5", "front matter", 3, "Expected spaces in front of the text, found a tab."),
        ("title: @a", "title", 2, "found @ at its beginning: put the value in quotes."),
        ("title: - a", "title", 2, "found a dash"),
        ("topics: [a, b", "topics", 2, "Expected a closing bracket (])"),
        ("provider: {a: b", "provider", 2, "Expected a closing bracket (})"),
        ("title: ]", "title", 2, "found a bracket that closes nothing"),
        ('title: "a\\qb"', "title", 2, "Expected an escape such as \\n"),
        ('title: "\\u12"', "title", 2, "Expected digits after \\x, \\u or \\U"),
        ("title: |a", "title", 2, "found more after | or >"),
        ("title: ? a", "title", 2, "found a question mark"),
        ("images:\n- url: x\n width: 5", "front matter", 4, "indented like the fields above"),
        ("a: 1\n%a", "front matter", 3, "found a percent sign"),
        ("- a", "front matter", 2, "Expected one block of `name: value` lines, found a list."),
        ("hello", "front matter", 2, "found text without the name of a field"),
    ],
)
def test_a_fault_is_explained_where_it_is(text: str, field: str, line: int, message: str) -> None:
    error = explain(text)
    assert (error.field, error.line) == (field, line)
    assert message in error.message


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_a_carriage_return_alone_ends_a_line_too(line_break: str) -> None:
    assert explain(line_break.join(["a: 1", "b: x: y", "c: 1"])).line == 3
    assert explain(line_break.join(["a: 1", "b: a\x00", "c: 1"])).line == 3


@pytest.mark.parametrize(
    "text",
    [
        'secured: "CANARY',
        'secured: "CANARY" CANARY',
        "secured: CANARY: CANARY",
        "secured: [CANARY",
        "secured: @CANARY",
        "secured: *CANARY",
        "secured: !CANARY x",
        "secured: |CANARY",
        "secured: |\nCANARY",
        'secured: "\\CANARY"',
        "secured:\n  CANARY\n x: CANARY",
        "secured: {CANARY: 1, CANARY: 2}",
        "secured:CANARY",
    ],
)
def test_a_value_of_secured_is_never_quoted(text: str) -> None:
    assert "CANARY" not in str(explain(f"title: x\n{text}\n"))


ALPHABET = st.sampled_from([*list("ab:-?[]{},&*!|>'\"%@`#\\ \n\t\r"), "- ", ": ", "\n  ", "ab: "])


@given(st.lists(ALPHABET, max_size=30).map("".join))
def test_no_jargon_of_the_parser_is_shown(text: str) -> None:
    try:
        load_front_matter(text)
    except SeedError as error:
        lines = len(re.split("\r\n|\n|\r", text))
        for each in error.errors:
            assert not JARGON.search(each.message)
            assert each.line is None or 1 <= each.line <= lines + 2


def test_a_reason_that_a_later_parser_may_give_is_explained_in_general() -> None:
    error = explain_fault("a: 1\nb: 2", 2, "the flux capacitor is missing")
    assert (error.field, error.line) == ("b", 3)
    assert error.message.startswith("Expected lines such as `name: value`")


def test_the_parser_still_gives_the_reasons_that_are_known() -> None:
    with pytest.raises(ValueError, match="invalid trailing content after double-quoted scalar"):
        yaml_rs.loads("a: 'it's'")
