"""What a consumer told is judged in sentences that name what is wrong."""

import pytest

from services.console.conformance.judgement import (
    MAX_FAULTS,
    Told,
    Transcript,
    find_faults,
    fold,
)


def transcribe(*lines: str) -> Transcript:
    transcript = Transcript()
    for line in lines:
        transcript.read_line(line)
    return transcript


def upsert(name: str, revision: int) -> str:
    return f'{{"op": "upsert", "id": "{name}", "revision": {revision}}}'


def remove(name: str, revision: object) -> str:
    return f'{{"op": "remove", "id": "{name}", "revision": {revision}}}'


def test_a_consumer_that_is_right_has_no_faults():
    transcript = transcribe(
        upsert("a", 1), upsert("b", 1), upsert("a", 2), remove("b", 2), '{"final": {"a": 2}}'
    )
    assert find_faults(transcript, {"a": 2}, "strict") == []
    assert transcript.shown == {"a": 2}


def test_a_removal_may_lack_its_revision():
    transcript = transcribe(upsert("a", 1), remove("a", "null"), '{"final": {}}')
    assert find_faults(transcript, {}, "strict") == []


@pytest.mark.parametrize(
    ("final", "truth", "sentence"),
    [
        ("{}", {"a": 1}, "it does not show a, whose revision 1 is published"),
        ('{"a": 1}', {}, "it shows a, which is not published"),
        ('{"a": 1}', {"a": 2}, "it shows revision 1 of a instead of 2"),
    ],
)
def test_a_wrong_final_map_is_named_article_by_article(final, truth, sentence):
    assert find_faults(transcribe(f'{{"final": {final}}}'), truth, "strict") == [sentence]


def test_a_missing_final_map_is_a_fault():
    (fault,) = find_faults(transcribe(upsert("a", 1)), {"a": 1}, "strict")
    assert "final map" in fault


def test_what_was_told_twice_or_backwards_is_a_fault():
    lines = (upsert("a", 1), upsert("a", 1), upsert("a", 3), upsert("a", 2), '{"final": {"a": 3}}')
    assert find_faults(transcribe(*lines), {"a": 3}, "strict") == [
        "it told revision 1 of a twice",
        "it went back to revision 2 of a after 3",
    ]
    assert find_faults(transcribe(*lines), {"a": 3}, "with repeats") == [
        "it went back to revision 2 of a after 3"
    ]
    assert find_faults(transcribe(*lines), {"a": 3}, "anew") == []


def test_what_comes_back_after_its_removal_is_a_fault():
    lines = (upsert("a", 1), remove("a", 2), upsert("a", 1), '{"final": {}}')
    assert find_faults(transcribe(*lines), {}, "strict") == [
        "it went back to revision 1 of a after 2"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "starting…",
        "[]",
        "null",
        '{"op": "show", "id": "a", "revision": 1}',
        '{"op": "upsert", "id": "a"}',
        '{"op": "upsert", "id": 1, "revision": 1}',
        '{"op": "upsert", "id": "a", "revision": "1"}',
        '{"final": ["a"]}',
    ],
)
def test_a_line_that_is_not_of_the_protocol_is_a_fault(line: str):
    (fault,) = transcribe(line).faults
    assert "not of the protocol" in fault


def test_many_faults_are_counted_instead_of_listed():
    truth = {f"a{number}": 1 for number in range(50)}
    faults = find_faults(transcribe('{"final": {}}'), truth, "strict")
    assert len(faults) == MAX_FAULTS + 1
    assert faults[-1] == f"and {50 - MAX_FAULTS} more"


def test_the_fold_of_changes_is_what_is_shown():
    told = [Told("upsert", "b", 1), Told("remove", "a", 3), Told("remove", "never", 1)]
    assert fold({"a": 2, "c": 1}, told) == {"b": 1, "c": 1}
