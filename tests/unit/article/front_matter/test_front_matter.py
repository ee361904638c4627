"""Front matter: what the parser reads, and that no bytes harm it."""

import gc
import math
import resource
import threading
import time
from typing import Any

import pytest
import yaml
import yaml_rs
from hypothesis import given
from hypothesis import strategies as st

from shared.article import SeedError, parse_seed
from shared.article.front_matter.parsing import load_front_matter

MANY = 100_000
HOSTILE = {
    "nested flow lists": "a: " + "[" * MANY,
    "nested and closed flow lists": "a: " + "[" * MANY + "]" * MANY,
    "nested flow blocks": "a: " + "{a: " * MANY,
    "nested lists on one line": "- " * MANY,
    "nested lists after a comment": "# \x85\n" + "- " * MANY,
    "nested lists after carriage returns": "a: 1\r" + "- " * MANY,
    "nested lists split over lines": "".join(
        " " * (126 * line) + "- " * 63 + "\n" for line in range(120)
    ),
    "nested lists with tabs": "-\t" * MANY,
    "nested keys": "? " * MANY,
    "nested values": ": " * MANY,
    "nested keys of lists": "? [" * MANY,
    "nested blocks": "".join(" " * depth + "a:\n" for depth in range(1400)),
    "lists within lists within tags": "- !x " * MANY,
    "an alias bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"b{i}: &b{i} [*a,*a,*a,*a,*a,*a,*a]\n" for i in range(9)),
    "an alias to itself": "a: &a [*a]",
    "ten thousand aliases": "a: &a x\nb: [" + "*a," * 10_000 + "]",
    "brackets in quotes": 'a: "' + "[" * MANY + '"',
    "a long quoted text": 'a: "' + "x" * 900_000 + '"',
    "an endless quoted text": 'a: "' + "\\n" * 400_000,
    "a hundred thousand topics of the wrong kind": "topics:\n" + "  - 1\n" * MANY,
    "a hundred thousand fields": "".join(f"k{i}: !\n" for i in range(80_000)),
    "a huge number": "a: " + "9" * 900_000,
    "a huge hexadecimal number": "a: 0x" + "f" * 900_000,
    "empty lines": "\n" * 900_000,
    "exclamation marks": "a: " + "! " * 400_000,
    "carriage returns": "\r" * 900_000,
    "spaces": "a: 1\n" + " " * 900_000,
    "runs of 99 blanks": ("a" + " " * 99) * 9_000,
}


def parse_or_explain(raw: bytes) -> str:
    """The first error of *raw*, or `read` if it is a seed."""
    try:
        parse_seed(raw)
    except SeedError as error:
        return error.errors[0].message
    return "read"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_answered_in_bounded_time_and_memory(name: str) -> None:
    raw = b"---\n" + HOSTILE[name].encode() + b"\n---\n"
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    assert parse_or_explain(raw) != "read"
    assert time.process_time() - started < 5  # measured: the worst takes 1 s
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600_000  # KiB
    gc.collect()


def test_ten_megabytes_are_refused_before_they_are_read() -> None:
    started = time.process_time()
    assert parse_or_explain(b"---\n" + b"a: &a [*a,*a]\n" * 750_000).startswith(
        "Expected at most 1,048,576 bytes"
    )
    assert time.process_time() - started < 0.1


def test_a_thread_with_a_small_stack_survives_the_deepest_accepted_nesting() -> None:
    texts = [
        "- " * 50 + "x",
        "? " * 50 + "x",
        "".join(f"{' ' * i}a:\n{' ' * i}-\n" for i in range(100)),
        "[" * 32 + "]" * 32,
    ]
    answers: list[str] = []
    size = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(
            target=lambda: answers.extend(
                parse_or_explain(f"---\n{t}\n---\n".encode()) for t in texts
            )
        )
        thread.start()
    finally:
        threading.stack_size(size)
    thread.join()
    assert len(answers) == len(texts)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_article_or_a_seed_error(raw: bytes) -> None:
    parse_or_explain(raw)
    parse_or_explain(b"---\n" + raw + b"\n---\n")


ALPHABET = st.sampled_from(
    [
        *list("ab01:-?[]{},&*!|>'\"%@`#~=<. \n\t\r\x00\ufeff\u2028é"),
        "- ",
        ": ",
        "\n  ",
        "title: ",
        "secured: ",
    ]
)


@given(st.lists(ALPHABET, max_size=40).map("".join))
def test_any_yaml_like_text_is_an_article_or_a_seed_error(text: str) -> None:
    parse_or_explain(f"---\n{text}\n---\n".encode())


def load_with_pyyaml(text: str) -> Any:
    return yaml.load(text, yaml.CSafeLoader)


def test_both_parsers_read_the_same_from_every_real_seed(
    real_seeds: list[bytes], drops: list[bytes], mission_seed: bytes
) -> None:
    for raw in (*real_seeds, *drops, mission_seed):
        text = raw.decode().split("\n---\n")[0]
        fields = load_with_pyyaml(text)
        for block in (fields, *fields.get("related", [])):
            published_at = block["publishedDateTime"]
            block["publishedDateTime"] = published_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert load_front_matter(text) == fields


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(
    st.dictionaries(st.text(max_size=20), values, max_size=4), st.sampled_from([True, False, None])
)
def test_both_parsers_read_the_same_from_what_pyyaml_writes(
    fields: dict[str, Any], flow: bool | None
) -> None:
    written = yaml.dump(
        fields,
        Dumper=Quoted,
        default_flow_style=flow,
        sort_keys=False,
        allow_unicode=False,
        width=10**6,
    )
    assert load_front_matter(written) == fields == load_with_pyyaml(written)


class Quoted(yaml.CSafeDumper):
    """Writes every text in double quotes, where YAML 1.1 and 1.2 agree."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", data, style='"')


Quoted.add_representer(str, Quoted.represent_str)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("2021-01-01", "2021-01-01"),
        ("'2021-01-01'", "2021-01-01"),
        ("12:30:45", "12:30:45"),
        ("0o17", 15),
        ("1_000", 1000),
        ("1e3", 1000.0),
        ("~", None),
        ("Null", None),
        ("TRUE", True),
        ("'~'", "~"),
        ("''", ""),
        ("a\u2028b", "a\u2028b"),
        ("a\x85b", "a\x85b"),
        ('"\\ud83d\\ude00"', "😀"),
        ("'x\n  y'", "x y"),
        ("|\n  x\n  y\n", "x\ny\n"),
    ],
)
def test_values_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    assert load_front_matter(f"a: {text}") == {"a": value}


def test_merge_keys_are_ordinary_names() -> None:
    assert load_front_matter("<<: {a: 1}\nb: 2") == {"<<": {"a": 1}, "b": 2}


def test_marks_and_entities_inside_text_are_no_yaml() -> None:
    quoted = "Q &amp; A &#8211; wow! !important *b* &c"
    bare = "R&D! it's *"
    assert load_front_matter(f'a: "{quoted}"\nb: {bare}') == {"a": quoted, "b": bare}


class TestWhyTheParserIsGuarded:
    """Faults of yaml-rs 0.1.6: when one of these tests fails, its guard can be removed."""

    def test_it_drops_what_follows_a_nul(self) -> None:
        assert yaml_rs.loads("a: b\x00c") == {"a": "b"}

    def test_it_replaces_an_alias_to_its_parent_by_null(self) -> None:
        assert yaml_rs.loads("a: &a [*a]") == {"a": [None]}

    def test_it_ignores_tags_on_lists(self) -> None:
        assert yaml_rs.loads("a: !!python/object/apply:os.system [x]") == {"a": ["x"]}

    def test_it_takes_quoted_dates_for_dates(self) -> None:
        assert not isinstance(yaml_rs.loads("a: '2021-01-01'")["a"], str)  # type: ignore[call-overload]

    def test_it_reads_large_floats_as_infinite(self) -> None:
        assert yaml_rs.loads("a: 1e400") == {"a": math.inf}
