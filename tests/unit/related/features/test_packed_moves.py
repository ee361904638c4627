"""The automaton that recognises languages, in little memory."""

from array import array

from services.enrichment.related.features.languages.packed_moves import PackedMoves

BYTES = 256


def build_table(states: int) -> "array[int]":
    """Every state leads back to the first, but for a few bytes."""
    table = array("I", bytes(4 * states * BYTES))
    for state in range(states):
        for byte in (97, 98, 255 - state % 7):
            table[state * BYTES + byte] = (state * 31 + byte) % states
    return table


def test_each_state_leads_where_the_table_leads():
    table = build_table(200)
    packed = PackedMoves(table)
    assert [packed[entry] for entry in range(len(table))] == table.tolist()


def test_equal_blocks_are_kept_once():
    packed = PackedMoves(array("I", bytes(4 * 100 * BYTES)))
    assert packed.kept == 16


def test_tables_of_short_numbers_are_packed_too():
    table = array("H", range(512))
    packed = PackedMoves(table)
    assert [packed[entry] for entry in range(512)] == [*range(512)]
