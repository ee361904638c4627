"""What is mended in an editor gets the values of `secured` again, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.redaction import PlaceholderProblem, build_editor_text, restore_secured

SECRET = "U2FsdGVkX1+/c2VjcmV0==;aXZpdml2aXY="
PLAIN = f"---\ntitle: x\nsecured: {SECRET}\n---\nbody\n".encode()
SECRETS = st.text("abcXYZ019+/=", min_size=12, max_size=120).map(lambda text: f"q{text};{text}=")


def test_the_value_is_a_placeholder_and_comes_back():
    text = build_editor_text(PLAIN)
    assert SECRET not in text
    assert restore_secured(text, PLAIN) == PLAIN
    mended = restore_secured(text.replace("title: x", "title: y"), PLAIN)
    assert mended == PLAIN.replace(b"title: x", b"title: y")


@given(
    SECRETS,
    st.sampled_from(["secured: {}", "secured: '{}'", 'secured: "{}"', "'secured': {}"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "title: [unclosed\n", "  bad: indent\n\tx", "quality: 'x\n"]),
)
def test_whatever_way_it_is_written_it_is_hidden_and_restored(
    secret: str, style: str, line_break: str, fault: str
):
    lines = ["---", "title: x", style.format(secret), f"{fault}other: y", "---", ""]
    raw = line_break.join(lines).encode()
    text = build_editor_text(raw)
    assert secret not in text
    assert secret.partition(";")[0] not in text
    restored = restore_secured(text, raw)
    assert secret.encode() in restored
    assert restored.replace(b"\r\n", b"\n") == raw.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("times", [0, 2])
def test_a_placeholder_that_is_not_there_once_is_refused(times: int):
    text = build_editor_text(PLAIN)
    start = text.index("<secured-1-")
    placeholder = text[start : text.index(">", start) + 1]
    with pytest.raises(PlaceholderProblem):
        restore_secured(text.replace(placeholder, placeholder * times), PLAIN)


def test_the_placeholder_of_another_seed_puts_nothing_back():
    other = PLAIN.replace(b"title: x", b"title: z")
    with pytest.raises(PlaceholderProblem):
        restore_secured(build_editor_text(other), PLAIN)


def test_several_values_come_back_each_in_its_place():
    related = b"related:\n- title: y\n  secured: CCCCCCCCCCCC;DD==\n"
    raw = b"---\nsecured: AAAAAAAAAAAA;BB==\n" + related + b"---\n"
    text = build_editor_text(raw)
    assert b"AAAA" not in text.encode()
    assert b"CCCC" not in text.encode()
    assert restore_secured(text, raw) == raw


def test_a_seed_without_secrets_is_its_own_text():
    raw = "---\ntitle: é\n---\n".encode()
    assert build_editor_text(raw) == raw.decode()
    assert restore_secured("---\ntitle: ü\n---\n", raw) == "---\ntitle: ü\n---\n".encode()


MOVED = [
    ("title: x\nsecured: {}\n---\nbody", "title: {}\n---\nbody"),
    ("title: x\nsecured: {}\n---\nbody", "title: x\n---\n{}"),
    ("title: x\nsecured: {}\n---\nbody", "title: x\n---\nsecured: {}"),
    ("title: x\nsecured: {}\n---\nbody", "title: '{{secured: {}'\n---\nbody"),
    ("title: x\nsecured: {}\n---\nbody", "title: x # secured: y\nheat: {}\n---\nbody"),
    ("quality: 'x\nsecured: {}\n---\nbody", "quality: x\ntitle: {}\n---\nbody"),
]


@pytest.mark.parametrize(("was", "becomes"), MOVED)
def test_a_placeholder_moved_to_where_it_would_be_published_is_refused(was: str, becomes: str):
    raw = f"---\n{was.format(SECRET)}\n".encode()
    start = build_editor_text(raw).index("<secured-1-")
    placeholder = build_editor_text(raw)[start:].partition(">")[0] + ">"
    with pytest.raises(PlaceholderProblem, match="would be published"):
        restore_secured(f"---\n{becomes.format(placeholder)}\n", raw)


@pytest.mark.parametrize(
    "value",
    ["|\n  two\n  lines", "\n- a\n- b", "\n  k: v", "[a, b]", "!!str x", "&a x", "x # comment"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_value_that_stays_comes_back_however_it_is_written(value: str, encoding: str):
    text = f"---\nsecured: {value}\ntitle: x\n---\nbody\n"
    raw = text.encode(encoding)
    restored = restore_secured(build_editor_text(raw), raw)
    assert restored.decode().removeprefix("\ufeff") == text


def test_what_looks_like_secured_in_the_body_may_stay_there():
    raw = PLAIN + b"secured: by the police\n"
    assert restore_secured(build_editor_text(raw), raw) == raw


def test_a_placeholder_may_move_within_the_front_matter():
    placeholder = build_editor_text(PLAIN).partition("secured: ")[2].partition("\n")[0]
    edited = f"---\nsecured: {placeholder}\nheat: 3\ntitle: x\n---\nbody\n"
    assert restore_secured(edited, PLAIN) == edited.replace(placeholder, SECRET).encode()
