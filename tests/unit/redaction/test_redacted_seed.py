"""Whatever stands under `secured` is replaced by its length, however broken the text around it."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.console.redaction import contains_secured, decode_seed, hide_secured

CANARY = "CANARY"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('secured: "CANARY"', "secured: <secured, 6 bytes>"),
        ("secured: 'CANARY''s'", "secured: <secured, 8 bytes>"),
        ("secured: CANARY", "secured: <secured, 6 bytes>"),
        ("secured : CANARY # CANARY", "secured : <secured, 6 bytes>"),
        ('"secured": CANARY', '"secured": <secured, 6 bytes>'),
        ('"\\x73ecured": CANARY', '"\\x73ecured": <secured, 6 bytes>'),
        ("? secured\n: CANARY", "? secured\n: <secured, 6 bytes>"),
        ("secured: |\n  CANARY\n\n  CANARY", "secured: <secured, 15 bytes>\n\n\n"),
        ("secured: >-\n  CANARY\n  CANARY", "secured: <secured, 13 bytes>\n\n"),
        ('secured: "CANARY\n  CANARY"', "secured: <secured, 13 bytes>\n"),
        ("secured:\n  a: CANARY\n  b: [CANARY]", "secured: <secured, 14 bytes>\n\n"),
        ("secured:\n- CANARY\n- CANARY", "secured: <secured, 12 bytes>\n\n"),
        ("a: {b: c, secured: CANARY, d: e}", "a: {b: c, secured: <secured, 6 bytes>, d: e}"),
        ('deep: {"secured":"CANARY"}', 'deep: {"secured": <secured, 6 bytes>}'),
        ("a:\n  - secured: CANARY\n    c: d", "a:\n  - secured: <secured, 6 bytes>\n    c: d"),
        ("#secured: CANARY", "#secured: <secured, 6 bytes>"),
        ("quality: 5 # secured: CANARY", "quality: 5 # secured: <secured, 6 bytes>"),
        ("secured: *CANARY", "secured: <secured, 7 bytes>"),
    ],
)
def test_a_value_in_sound_yaml_is_replaced_by_its_length(text: str, shown: str):
    assert hide_secured(f"---\ntitle: x\n{text}\ntype: video\n---\nbody\n") == (
        f"---\ntitle: x\n{shown}\ntype: video\n---\nbody\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        'secured: "CANARY',
        'secured: "CANARY\nCANARY"',
        'secured: "CANARY"CANARY"',
        "secured: |\nCANARY/CANARY==\nCANARY",
        "secured: {a: CANARY\n  CANARY: [",
        "\tsecured: CANARY\n\t  CANARY",
        "deep: {a: b, secured: CANARY, CANARY",
        'title: "x" secured: CANARY',
        "secured:CANARY",
        "secured CANARY",
        "secured = CANARY",
        "secured\uff1aCANARY",
        "\u200bsecured\u200b: CANARY",
        "SECURED: CANARY",
        "!!str secured: CANARY",
        "secured: -----BEGIN KEY\n\nCANARY\n-----END KEY",
        '{"title": "x", "secured": "CANARY", "b": 1',
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "frame", ["---\n{}\ntype: [\n---\nbody\n", "---\n{}", "{}", "---\n---\n{}\n"]
)
def test_a_value_in_broken_text_is_hidden(text: str, line_break: str, frame: str):
    broken = frame.replace("{}", text).replace("\n", line_break)
    shown = hide_secured(broken)
    assert CANARY not in shown
    assert "<secured, " in shown
    assert count_lines(shown) == count_lines(broken)
    assert contains_secured(broken)


@pytest.mark.parametrize(
    "text",
    [
        'title: "Hamilton has secured: pole"',
        "title: secured by a late goal",
        "isSecured: true",
        "secured-by: police",
        "secured:",
        'secured: ""',
        "secured: null",
    ],
)
def test_what_is_no_secret_stays(text: str):
    seed = f"---\n{text}\ntype: video\n---\nSecured by a late goal, they have secured: all of it.\n"
    assert hide_secured(seed) == seed
    assert not contains_secured(seed)


def test_the_fields_around_a_broken_value_stay():
    shown = hide_secured("---\ntitle: [\nsecured: |\nCANARY\nquality: 5\n---\nbody\n")
    assert shown == "---\ntitle: [\nsecured: <secured, 8 bytes>\n\nquality: 5\n---\nbody\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read_so_that_its_fields_are_found(encoding: str):
    seed = f"---\nsecured: {CANARY}\n---\n".encode(encoding)
    assert CANARY not in hide_secured(decode_seed(seed))


def test_bytes_that_are_not_utf_8_are_replaced():
    assert decode_seed(b"title: \xff") == "title: \ufffd"


@pytest.mark.parametrize(
    "text",
    [
        "secured: x\n" * 90_000,
        'secured: "\n' * 90_000,
        "secured: [\n" * 90_000,
        "secured: " + "[" * 900_000,
        '{"a": 1, ' + '"secured": "x", ' * 60_000,
        "secured " * 120_000,
        "- " * 450_000 + "secured: x",
    ],
    ids=["fields", "quotes", "lists", "brackets", "flow", "words", "dashes"],
)
@pytest.mark.timeout(240)
def test_hostile_text_of_a_megabyte_is_read_to_its_end(text: str):
    """Work that grows with the square of the text would not end before the timeout."""
    shown = hide_secured(f"---\n{text}\n---\n")
    assert shown.startswith("---\n")
    assert shown.endswith("\n---\n")
    assert shown.count("\n") == text.count("\n") + 3


SECRETS = st.text(st.sampled_from(" \n\t\"'{}[]:,#&*!|>-=\\ab\u2028\u0085é"), max_size=12).map(
    lambda text: f"{text}{CANARY}{text}"
)
NESTED = st.recursive(SECRETS, lambda inner: st.lists(inner, min_size=1, max_size=2), max_leaves=3)
STYLES = st.sampled_from([None, '"', "'", "|", ">"])


@given(
    secret=NESTED,
    style=STYLES,
    flow=st.booleans(),
    width=st.integers(10, 90),
    title=st.sampled_from(["title: [", "title: 'x", 'title: "x', "title"]),
)
def test_no_way_of_writing_a_value_shows_it(
    secret: object, style: str | None, flow: bool, width: int, title: str
):
    fields = {"title": "x", "deep": {"secured": secret, "other": 1}, "secured": secret, "type": "y"}
    block = yaml.safe_dump(
        fields, default_style=style, default_flow_style=flow, width=width, sort_keys=False
    )
    seed = f"---\n{block}---\nbody\n"
    assert CANARY not in hide_secured(seed)
    assert CANARY not in hide_secured(seed.replace("title: x", title))


def count_lines(text: str) -> int:
    return len(re.split("\r\n|\n|\r", text))
