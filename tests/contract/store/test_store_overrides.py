"""The contract of the newsroom's word on articles: kept until it is taken back, found by whom it names."""

from dataclasses import replace

from shared.store import Instruction, Store
from tests.contract.store.build import at

PIN = Instruction("pin", ("a1",), ("b1",), "ann", at(1), "one and the same bridge")
SPLIT = Instruction("split", ("b1",), ("c1", "d1"), "bo", at(2))


class TestInstructions:
    async def test_one_comes_back_as_it_was_given(self, store: Store, other: Store):
        await store.instructions.save(PIN)
        await store.instructions.save(SPLIT)
        assert await other.instructions.of(["a1"]) == [PIN]
        assert await other.instructions.of(["b1", "a1"]) == [SPLIT, PIN]
        assert await other.instructions.of(["d1", "z1"]) == [SPLIT]
        assert await other.instructions.of([]) == []

    async def test_the_same_word_again_is_one_word(self, store: Store):
        await store.instructions.save(PIN)
        await store.instructions.save(replace(PIN, by="cy", at=at(9)))
        assert await store.instructions.of(["b1"]) == [replace(PIN, by="cy", at=at(9))]

    async def test_what_is_taken_back_is_gone(self, store: Store, other: Store):
        await store.instructions.save(PIN)
        await store.instructions.save(SPLIT)
        for _ in range(2):
            await other.instructions.forget([PIN])
        assert await store.instructions.of(["a1", "b1"]) == [SPLIT]
        await store.instructions.forget([])

    async def test_pages_go_by_id(self, store: Store):
        words = sorted((PIN, SPLIT), key=lambda one: one.id)
        for one in words:
            await store.instructions.save(one)
        assert await store.instructions.page(limit=1) == words[:1]
        assert await store.instructions.page(words[0].id) == words[1:]
