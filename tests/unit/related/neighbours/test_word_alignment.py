"""Words that two titles share in order: the same as difflib finds."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from hypothesis import given
from hypothesis import strategies as st

from services.enrichment.related.neighbours.word_alignment import find_blocks, find_replaced

repeating = st.lists(st.sampled_from("abcdef"), max_size=12)
distinct = st.lists(st.sampled_from("abcdefghijkl"), max_size=12, unique=True)
titles = repeating | distinct | distinct.map(sorted)  # most titles have common words in one order


def find_places(words: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word, []).append(place)
    return places


@given(titles, titles)
def test_the_blocks_are_those_of_difflib(words: list[str], others: list[str]):
    blocks = find_blocks(words, find_places(others), len(others))
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    assert [tuple(block) for block in blocks] == [
        tuple(match) for match in matcher.get_matching_blocks()[:-1]
    ]


@given(titles, titles)
def test_what_is_replaced_is_what_difflib_replaces(words: list[str], others: list[str]):
    blocks = find_blocks(words, find_places(others), len(others))
    expected = []
    for name, *places in SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        if name == "replace":
            expected.append((slice(*places[:2]), slice(*places[2:])))
    assert find_replaced(blocks, len(words), len(others)) == expected
