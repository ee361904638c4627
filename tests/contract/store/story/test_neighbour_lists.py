"""The contract of neighbour lists, with the merge that linking uses."""

from collections.abc import Mapping

from services.enrichment.related.neighbours.neighbour_lists import BEST, SLACK, merge_entries
from shared.store import Neighbour, Store

Scores = Mapping[str, float | None]
EVIDENCE = b"\x00\xff."


async def update(store: Store, changes: Mapping[str, Scores]) -> set[str]:
    """Give every entry the same evidence."""
    entries: dict[str, dict[str, Neighbour | None]] = {}
    for article_id, scores in changes.items():
        entries[article_id] = {}
        for other, score in scores.items():
            entries[article_id][other] = None if score is None else Neighbour(score, EVIDENCE)
    return await store.neighbour_lists.update(entries, merge_entries)


async def get_all_scores(store: Store, ids: list[str]) -> dict[str, dict[str, float]]:
    scores: dict[str, dict[str, float]] = {}
    for article_id, entries in (await store.neighbour_lists.get_entries(ids)).items():
        assert all(neighbour.evidence == EVIDENCE for neighbour in entries.values())
        scores[article_id] = {other: neighbour.score for other, neighbour in entries.items()}
    return scores


async def get_scores(store: Store, article_id: str) -> dict[str, float]:
    scores = await get_all_scores(store, [article_id])
    return scores[article_id]


async def test_updates_add_up(store: Store, other: Store):
    await update(store, {"a1": {"b1": 0.5, "c1": 0.25}, "b1": {"a1": 0.5}})
    for _ in range(2):
        await update(other, {"a1": {"d1": 1 / 3, "c1": None}, "c1": {"a1": None}})
    assert await get_all_scores(store, ["a1", "b1", "c1", "unknown"]) == {
        "a1": {"b1": 0.5, "d1": 1 / 3},
        "b1": {"a1": 0.5},
        "c1": {},
        "unknown": {},
    }


async def test_neighbours_are_read_best_first(store: Store):
    await update(store, {"a1": {"b1": 0.25, "c1": 0.5, "d2": 0.3, "d1": 0.3}})
    await update(store, {"a1": {"e1": 0.4}})
    assert [*await get_scores(store, "a1")] == ["c1", "e1", "d1", "d2", "b1"]
    await update(store, {"a1": {"b1": 0.4, "a9": 0.4, "c1": None}})
    assert [*await get_scores(store, "a1")] == ["a9", "b1", "e1", "d1", "d2"]


async def test_only_lists_that_changed_are_read_again(store: Store, other: Store):
    await update(store, {"a1": {"b1": 1 / 3, "c1": 0.5}, "b1": {"a1": 1 / 3}})
    first = await other.neighbour_lists.get_if_changed({"a1": 0, "b1": 0, "unknown": 0})
    columns = {name: ([*found.others], [*found.scores]) for name, found in first.items()}
    assert columns == {"a1": (["c1", "b1"], [0.5, 1 / 3]), "b1": (["a1"], [1 / 3])}
    stamps = {article_id: found.stamp for article_id, found in first.items()}
    await update(store, {"a1": {"b1": 1 / 3}, "c1": {"a1": 0.5}})
    assert await other.neighbour_lists.get_if_changed(stamps) == {}
    await update(store, {"b1": {"a1": None}})
    ((article_id, emptied),) = (await other.neighbour_lists.get_if_changed(stamps)).items()
    assert article_id == "b1"
    assert [*emptied.others] == []
    assert emptied.stamp != stamps["b1"]


async def test_new_evidence_replaces_the_old(store: Store):
    for evidence in (b"old!", b"new!"):
        entry = {"a1": {"b1": Neighbour(-2.5, evidence), "c1": Neighbour(-3.5, b"same")}}
        assert await store.neighbour_lists.update(entry, merge_entries) == {"a1"}
    entries = await store.neighbour_lists.get_entries(["a1"])
    assert entries == {"a1": {"b1": Neighbour(-2.5, b"new!"), "c1": Neighbour(-3.5, b"same")}}


async def test_an_update_says_whose_best_are_concerned(store: Store):
    full = {f"b{number:02}": 0.9 for number in range(BEST)}
    assert await update(store, {"a1": full, "b1": {}}) == {"a1"}
    for _ in range(2):
        assert await update(store, {"a1": {"z1": 0.5}, "z1": {"a1": 0.5}}) == {"z1"}
        assert await update(store, {"a1": {"y1": 0.95}, "y1": {"a1": 0.95}}) == {"a1", "y1"}
    assert await update(store, {"a1": {"z1": None}}) == set()
    assert await update(store, {"a1": {"b00": 0.3}}) == {"a1"}


async def test_a_list_keeps_what_others_pushed_out_of_its_best_and_nothing_lower(store: Store):
    first = {f"b{number:02}": 0.8 for number in range(BEST)}
    await update(store, {"a1": first})
    await update(store, {"a1": {"z1": 0.7}})
    assert await get_scores(store, "a1") == first
    better = {f"c{number:02}": 0.9 for number in range(SLACK + 1)}
    await update(store, {"a1": better})
    assert [*await get_scores(store, "a1")] == [*better, *[*first][:-1]]
    await update(store, {"a1": dict.fromkeys(better)})
    assert await get_scores(store, "a1") == dict([*first.items()][:-1])


async def test_nothing_to_change_is_nothing_done(store: Store):
    await update(store, {})
    await update(store, {"a1": {}})
    assert await store.neighbour_lists.get_entries([]) == {}
    assert await store.neighbour_lists.get_if_changed({}) == {}
    assert await store.neighbour_lists.get_entries(["a1"]) == {"a1": {}}
    assert await store.neighbour_lists.get_if_changed({"a1": 0}) == {}


async def test_the_score_at_a_place_is_read_where_a_list_is_that_long(store: Store):
    await update(store, {"a1": {"b1": -0.25, "c1": 0.5, "d1": 1 / 3}, "b1": {"a1": 0.5}})
    assert await store.neighbour_lists.get_scores_at(0, ["a1", "b1"]) == {"a1": 0.5, "b1": 0.5}
    assert await store.neighbour_lists.get_scores_at(2, ["a1", "b1", "unknown"]) == {"a1": -0.25}
    assert await store.neighbour_lists.get_scores_at(3, ["a1"]) == {}
    assert await store.neighbour_lists.get_scores_at(0, []) == {}
