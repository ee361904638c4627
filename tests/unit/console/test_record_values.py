"""Keys, headers and values of records as JSON values."""

import json

import pytest

from services.console.actions.record_values import (
    decode_headers,
    decode_json_or_text,
    decode_seed_text,
)


@pytest.mark.parametrize("value", [b'{"a": [1, 2.5, "x", null]}', b'"text"', b"7", b"[]"])
def test_a_json_value_is_taken_as_it_is(value: bytes):
    assert decode_json_or_text(value) == json.loads(value)


@pytest.mark.parametrize(
    "value", [b"NaN", b'{"a": Infinity}', b"[1e999]", b"[" * 100_000, b"9" * 5_000, b"{'a': 1}"]
)
def test_what_could_not_be_written_as_json_again_is_text(value: bytes):
    assert decode_json_or_text(value) == value.decode()


@pytest.mark.parametrize("value", [None, b""])
def test_no_value_is_null(value: bytes | None):
    assert decode_json_or_text(value) is None


def test_secured_is_hidden_at_any_depth_of_a_json_value():
    value = {"secured": "CANARY", "a": [{"Secured": {"b": "CANARY"}}], "c": {"secured": None}}
    assert decode_json_or_text(json.dumps(value).encode()) == {
        "secured": "<secured, 6 bytes>",
        "a": [{"Secured": "<secured, 15 bytes>"}],
        "c": {"secured": None},
    }


def test_secured_is_hidden_in_a_seed_inside_of_a_json_value():
    value = json.dumps({"content": "---\nsecured: CANARY\n---\n", "text": "secured: no secret"})
    assert decode_json_or_text(value.encode()) == {
        "content": "---\nsecured: <secured, 6 bytes>\n---\n",
        "text": "secured: no secret",
    }
    assert "CANARY" not in str(decode_seed_text(value.encode()))


def test_secured_is_hidden_in_text():
    assert decode_seed_text(b"---\nsecured: CANARY\n---\n") == (
        "---\nsecured: <secured, 6 bytes>\n---\n"
    )
    assert "CANARY" not in str(decode_json_or_text(b"{'secured': 'CANARY'"))


def test_a_deeply_nested_value_hides_it_too():
    nested = b'{"a":' * 450 + b'{"secured": "CANARY"}' + b"}" * 450
    assert "CANARY" not in str(decode_json_or_text(nested))


def test_headers_hide_it_by_their_name_and_in_their_text():
    headers = [("secured", b"CANARY"), ("cut", b"secured: CANARY"), ("none", None), ("path", b"a")]
    assert decode_headers(headers) == {
        "secured": "<secured, 6 bytes>",
        "cut": "secured: <secured, 6 bytes>",
        "none": None,
        "path": "a",
    }
