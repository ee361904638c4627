"""The contract of signatures."""

from datetime import UTC, datetime, timedelta

from shared.store import Store, TitleWord
from tests.contract.store.builders import a_signature, at

WEEK = timedelta(days=7)
DAY = 86_400


class TestSignatures:
    async def test_a_signature_comes_back_as_it_was(self, store: Store, other: Store):
        odd = a_signature(
            terms=("a.b", "$set", "é"),
            vector={"a.b": 0.5, "$set": 0.25, "é": 1 / 3},
            title=(TitleWord("covid-19", "name", ("covid", "19")), TitleWord("é", "word", ())),
            outlet="x|y.z",
            direction=bytes(range(256)),
        )
        await store.signatures.save([odd])
        assert await other.signatures.get(["a1", "unknown"]) == {"a1": odd}
        assert await other.signatures.get_versions(["a1", "unknown"]) == {"a1": 1}

    async def test_the_newer_version_stays(self, store: Store):
        newer = a_signature(version=2, terms=("new",), vector={"new": 1.0})
        await store.signatures.save([newer])
        await store.signatures.save([a_signature(version=1)])
        assert await store.signatures.get(["a1"]) == {"a1": newer}
        corrected = a_signature(version=2, terms=("corrected",), vector={"corrected": 1.0})
        await store.signatures.save([corrected])
        assert await store.signatures.get(["a1"]) == {"a1": corrected}

    async def test_the_newest_are_listed_first(self, store: Store):
        signatures = [
            a_signature(name, published_at=at(seconds), direction=name.encode())
            for name, seconds in (("a1", 10), ("b1", 30), ("c1", 30), ("d1", 20))
        ]
        await store.signatures.save(signatures)
        assert await store.signatures.list_newest_ids(3) == ["c1", "b1", "d1"]
        assert await store.signatures.list_newest_ids(9) == ["c1", "b1", "d1", "a1"]
        assert await store.signatures.list_directions(1, 2) == [b"b1", b"d1"]
        assert await store.signatures.list_directions(3, 5) == [b"a1"]
        assert await store.signatures.list_directions(0, 0) == []

    async def test_of_two_versions_at_once_the_newer_is_kept_and_found(self, store: Store):
        older, newer = a_signature(terms=("old",)), a_signature(version=2, terms=("new",))
        await store.signatures.save([older, newer, older])
        assert await store.signatures.get(["a1"]) == {"a1": newer}
        probes = [a_signature("b1", terms=(term,)) for term in ("old", "new")]
        assert await store.signatures.find_candidates(probes, WEEK, 64) == [set(), {"a1"}]

    async def test_only_those_that_changed_are_read_again(self, store: Store, other: Store):
        signatures = [a_signature("a1"), a_signature("b1", version=3), a_signature("c1")]
        await store.signatures.save(signatures)
        known = {"a1": 1, "b1": 2, "c1": 0, "unknown": 0, "gone": 7}
        changed = await other.signatures.get_if_changed(known)
        assert changed == await store.signatures.get(["b1", "c1"])
        assert await store.signatures.get_if_changed({}) == {}

    async def test_no_term_finds_an_old_version_any_more(self, store: Store):
        await store.signatures.save([a_signature(terms=("old",))])
        await store.signatures.save([a_signature(version=2, terms=("new",))])
        probes = [a_signature("p1", terms=("old",)), a_signature("p2", terms=("new",))]
        assert await store.signatures.find_candidates(probes, WEEK, 10) == [set(), {"a1"}]

    async def test_an_article_that_moved_in_time_is_found_where_it_is_now(self, store: Store):
        await store.signatures.save([a_signature("a1"), a_signature("b1")])
        await store.signatures.save([a_signature("a1", version=2, published_at=at(30 * DAY))])
        probes = [a_signature("p1"), a_signature("p2", published_at=at(30 * DAY))]
        assert await store.signatures.find_candidates(probes, WEEK, 10) == [{"b1"}, {"a1"}]

    async def test_count(self, store: Store):
        await store.signatures.save([])
        assert await store.signatures.count() == 0
        await store.signatures.save([a_signature("a1"), a_signature("b1")])
        assert await store.signatures.count() == 2


class TestCandidates:
    async def test_share_a_term_and_are_others(self, store: Store):
        await store.signatures.save(
            [
                a_signature("a1", terms=("strike", "dock")),
                a_signature("b1", terms=("dock", "crane")),
                a_signature("c1", terms=("comet",)),
            ]
        )
        probe = a_signature("a1", terms=("strike", "crane"))
        alone = a_signature("p", terms=("none",))
        assert await store.signatures.find_candidates([probe, alone], WEEK, 10) == [{"b1"}, set()]

    async def test_lie_within_the_window_either_way(self, store: Store):
        days = {"b7": -7, "b8": -7.01, "f7": 7, "f8": 7.01}
        await store.signatures.save(
            [a_signature(name, published_at=at(day * DAY)) for name, day in days.items()]
        )
        [found] = await store.signatures.find_candidates([a_signature("p")], WEEK, 10)
        assert found == {"b7", "f7"}

    async def test_are_searched_for_at_the_ends_of_time_too(self, store: Store):
        ends = {
            "first": datetime.min.replace(tzinfo=UTC),
            "last": datetime(9999, 12, 31, 23, tzinfo=UTC),
        }
        await store.signatures.save(
            [a_signature(name, published_at=end) for name, end in ends.items()]
        )
        probes = [a_signature(f"p{name}", published_at=end) for name, end in ends.items()]
        assert await store.signatures.find_candidates(probes, WEEK, 2) == [{"first"}, {"last"}]

    async def test_are_the_nearest_in_time_for_each_term_on_either_side(self, store: Store):
        docks = [
            a_signature(f"a{number}", terms=("dock",), published_at=at(number))
            for number in range(-4, 5)
        ]
        rare = a_signature("rare", terms=("strike",), published_at=at(-100))
        await store.signatures.save([*docks, rare])
        probe = a_signature("p", terms=("dock", "strike"))
        [found] = await store.signatures.find_candidates([probe], WEEK, 2)
        assert found == {"a-1", "a0", "a1", "a2", "rare"}

    async def test_of_one_moment_are_the_same_on_every_engine(self, store: Store):
        moments = {"b": at(-60), "n": at(0), "a": at(60)}
        await store.signatures.save(
            [
                a_signature(f"{name}{number}", published_at=moment)
                for name, moment in moments.items()
                for number in range(4)
            ]
        )
        [found] = await store.signatures.find_candidates([a_signature("p")], WEEK, 2)
        assert found == {"n2", "n3", "a0", "a1"}
        [found] = await store.signatures.find_candidates([a_signature("p")], WEEK, 6)
        assert found == {"n0", "n1", "n2", "n3", "b2", "b3", "a0", "a1", "a2", "a3"}

    async def test_of_nothing_are_none(self, store: Store):
        assert await store.signatures.find_candidates([], WEEK, 2) == []
