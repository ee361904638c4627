"""The contract of relations."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.store import Link, Store
from shared.store.ports.relations import BEST, SLACK
from tests.contract.store.build import a_signature, at

WEEK = timedelta(days=7)
DAY = 86_400


class TestSignatures:
    async def test_one_comes_back_as_it_was(self, store: Store, other: Store):
        odd = a_signature(
            terms=("a.b", "$set", "é"),
            vector={"a.b": 0.5, "$set": 0.25, "é": 1 / 3},
            column="x|y.z",
        )
        odd = replace(odd, meaning=bytes(range(64)), sense=bytes(range(128, 256)))
        await store.relations.save([odd])
        assert await other.relations.get(["a1", "unknown"]) == {"a1": odd}
        assert await other.relations.versions(["a1", "unknown"]) == {"a1": 1}

    async def test_the_newer_version_stays(self, store: Store):
        newer = a_signature(version=2, terms=("new",), vector={"new": 1.0})
        await store.relations.save([newer])
        await store.relations.save([a_signature(version=1)])
        assert await store.relations.get(["a1"]) == {"a1": newer}
        again = a_signature(version=2, terms=("mended",), vector={"mended": 1.0})
        await store.relations.save([again])
        assert await store.relations.get(["a1"]) == {"a1": again}

    async def test_of_two_versions_at_once_the_newer_is_kept_and_found(self, store: Store):
        older, newer = a_signature(terms=("old",)), a_signature(version=2, terms=("new",))
        await store.relations.save([older, newer, older])
        assert await store.relations.get(["a1"]) == {"a1": newer}
        asked = [a_signature("b1", terms=(term,)) for term in ("old", "new")]
        assert await store.relations.candidates(asked, WEEK, 64) == [set(), {"a1"}]

    async def test_those_that_moved_on_are_read_anew(self, store: Store, other: Store):
        await store.relations.save(
            [a_signature("a1"), a_signature("b1", version=3), a_signature("c1")]
        )
        known = {"a1": 1, "b1": 2, "c1": 0, "unknown": 0, "gone": 7}
        assert await other.relations.get_anew(known) == await store.relations.get(["b1", "c1"])
        assert await store.relations.get_anew({}) == {}

    async def test_an_old_version_is_found_by_no_term_any_more(self, store: Store):
        await store.relations.save([a_signature(terms=("old",))])
        await store.relations.save([a_signature(version=2, terms=("new",))])
        probes = [a_signature("p1", terms=("old",)), a_signature("p2", terms=("new",))]
        assert await store.relations.candidates(probes, WEEK, 10) == [set(), {"a1"}]

    async def test_one_that_was_moved_in_time_is_found_where_it_is_now(self, store: Store):
        await store.relations.save([a_signature("a1"), a_signature("b1")])
        await store.relations.save([a_signature("a1", version=2, published_at=at(30 * DAY))])
        probes = [a_signature("p1"), a_signature("p2", published_at=at(30 * DAY))]
        assert await store.relations.candidates(probes, WEEK, 10) == [{"b1"}, {"a1"}]


class TestCandidates:
    async def test_share_a_term_and_are_others(self, store: Store):
        await store.relations.save(
            [
                a_signature("a1", terms=("strike", "dock")),
                a_signature("b1", terms=("dock", "crane")),
                a_signature("c1", terms=("comet",)),
            ]
        )
        probe = a_signature("a1", terms=("strike", "crane"))
        assert await store.relations.candidates(
            [probe, a_signature("p", terms=("none",))], WEEK, 10
        ) == [{"b1"}, set()]

    async def test_lie_within_the_window_either_way(self, store: Store):
        days = {"b7": -7, "b8": -7.01, "f7": 7, "f8": 7.01}
        await store.relations.save(
            [a_signature(name, published_at=at(day * DAY)) for name, day in days.items()]
        )
        assert await store.relations.candidates([a_signature("p")], WEEK, 10) == [{"b7", "f7"}]

    async def test_are_looked_for_at_the_ends_of_time_too(self, store: Store):
        ends = {
            "first": datetime.min.replace(tzinfo=UTC),
            "last": datetime(9999, 12, 31, 23, tzinfo=UTC),
        }
        await store.relations.save(
            [a_signature(name, published_at=end) for name, end in ends.items()]
        )
        probes = [a_signature(f"p{name}", published_at=end) for name, end in ends.items()]
        assert await store.relations.candidates(probes, WEEK, 2) == [{"first"}, {"last"}]

    async def test_are_the_nearest_in_time_for_each_term_on_either_side(self, store: Store):
        await store.relations.save(
            [
                a_signature(f"a{number}", terms=("dock",), published_at=at(number))
                for number in range(-4, 5)
            ]
            + [a_signature("rare", terms=("strike",), published_at=at(-100))]
        )
        probe = a_signature("p", terms=("dock", "strike"))
        assert await store.relations.candidates([probe], WEEK, 2) == [
            {"a-1", "a0", "a1", "a2", "rare"}
        ]

    async def test_of_one_moment_are_the_same_on_every_engine(self, store: Store):
        moments = {"b": at(-60), "n": at(0), "a": at(60)}
        await store.relations.save(
            [
                a_signature(f"{name}{n}", published_at=moment)
                for name, moment in moments.items()
                for n in range(4)
            ]
        )
        [found] = await store.relations.candidates([a_signature("p")], WEEK, 2)
        assert found == {"n2", "n3", "a0", "a1"}
        [found] = await store.relations.candidates([a_signature("p")], WEEK, 6)
        assert found == {"n0", "n1", "n2", "n3", "b2", "b3", "a0", "a1", "a2", "a3"}

    async def test_of_nothing_are_none(self, store: Store):
        assert await store.relations.candidates([], WEEK, 2) == []


class TestLinks:
    async def test_are_seen_from_both_ends_best_first(self, store: Store, other: Store):
        near, far, third = (
            Link("a1", "b1", 0.9),
            Link("a1", "c1", 0.3),
            Link("b1", "c1", 0.5, pinned=True),
        )
        await store.relations.relate([far, near, third])
        assert await other.relations.links(["a1", "b1", "alone"]) == {
            "a1": [near, far],
            "b1": [near, third],
            "alone": [],
        }

    async def test_are_written_over_and_dropped(self, store: Store):
        await store.relations.relate([Link("a1", "b1", 0.9), Link("a1", "c1", 0.3)])
        for _ in range(2):
            await store.relations.relate([Link("a1", "b1", 0.4)], [("a1", "c1"), ("x", "y")])
            assert (await store.relations.links(["a1"]))["a1"] == [Link("a1", "b1", 0.4)]

    async def test_counts(self, store: Store):
        await store.relations.relate([])
        await store.relations.save([])
        assert await store.relations.links([]) == {}
        assert await store.relations.counts() == {"links": 0, "signatures": 0, "unsettled": 0}
        await store.relations.relate([Link("a1", "b1", 0.9)])
        await store.relations.save([a_signature("a1"), a_signature("b1")])
        assert await store.relations.counts() == {"links": 1, "signatures": 2, "unsettled": 0}


class TestNearLists:
    async def test_amendments_add_up(self, store: Store, other: Store):
        await store.relations.amend({"a1": {"b1": 0.5, "c1": 0.25}, "b1": {"a1": 0.5}})
        for _ in range(2):
            await other.relations.amend({"a1": {"d1": 1 / 3, "c1": None}, "c1": {"a1": None}})
        assert await store.relations.near(["a1", "b1", "c1", "unknown"]) == {
            "a1": {"b1": 0.5, "d1": 1 / 3},
            "b1": {"a1": 0.5},
            "c1": {},
            "unknown": {},
        }

    async def test_are_read_best_first(self, store: Store):
        await store.relations.amend({"a1": {"b1": 0.25, "c1": 0.5, "d2": 0.3, "d1": 0.3}})
        await store.relations.amend({"a1": {"e1": 0.4}})
        (found,) = (await store.relations.near(["a1"])).values()
        assert [*found] == ["c1", "e1", "d1", "d2", "b1"]
        await store.relations.amend({"a1": {"b1": 0.4, "a9": 0.4, "c1": None}})
        (found,) = (await store.relations.near(["a1"])).values()
        assert [*found] == ["a9", "b1", "e1", "d1", "d2"]

    async def test_are_read_anew_only_when_they_were_amended(self, store: Store, other: Store):
        await store.relations.amend({"a1": {"b1": 1 / 3, "c1": 0.5}, "b1": {"a1": 1 / 3}})
        first = await other.relations.near_anew({"a1": 0, "b1": 0, "unknown": 0})
        assert {one: ([*found.others], [*found.scores]) for one, found in first.items()} == {
            "a1": (["c1", "b1"], [0.5, 1 / 3]),
            "b1": (["a1"], [1 / 3]),
        }
        stamps = {one: found.stamp for one, found in first.items()}
        await store.relations.amend({"a1": {"b1": 1 / 3}, "c1": {"a1": 0.5}})
        assert await other.relations.near_anew(stamps) == {}
        await store.relations.amend({"b1": {"a1": None}})
        (again,) = (await other.relations.near_anew(stamps)).items()
        assert again[0] == "b1"
        assert [*again[1].others] == []
        assert again[1].stamp != stamps["b1"]

    async def test_amending_tells_whose_best_are_concerned(self, store: Store):
        full = {f"b{number:02}": 0.9 for number in range(BEST)}
        assert await store.relations.amend({"a1": full, "b1": {}}) == {"a1"}
        for _ in range(2):
            assert await store.relations.amend({"a1": {"z1": 0.5}, "z1": {"a1": 0.5}}) == {"z1"}
            assert await store.relations.amend({"a1": {"y1": 0.95}, "y1": {"a1": 0.95}}) == {
                "a1",
                "y1",
            }
        assert await store.relations.amend({"a1": {"z1": None}}) == set()
        assert await store.relations.amend({"a1": {"b00": 0.3}}) == {"a1"}

    async def test_keep_what_others_pushed_out_of_their_best_and_nothing_lower(self, store: Store):
        first = {f"b{number:02}": 0.8 for number in range(BEST)}
        await store.relations.amend({"a1": first})
        await store.relations.amend({"a1": {"z1": 0.7}})
        assert (await store.relations.near(["a1"]))["a1"] == first
        better = {f"c{number:02}": 0.9 for number in range(SLACK + 1)}
        await store.relations.amend({"a1": better})
        (after,) = (await store.relations.near(["a1"])).values()
        assert [*after] == [*better, *[*first][:-1]]
        await store.relations.amend({"a1": dict.fromkeys(better)})
        assert (await store.relations.near(["a1"]))["a1"] == dict([*first.items()][:-1])

    async def test_nothing_is_no_work(self, store: Store):
        await store.relations.amend({})
        await store.relations.amend({"a1": {}})
        assert await store.relations.near([]) == await store.relations.near_anew({}) == {}
        assert await store.relations.near(["a1"]) == {"a1": {}}


class TestMarks:
    LEASE = timedelta(minutes=1)

    async def test_a_marked_article_is_claimed_by_one(self, store: Store, other: Store):
        await store.relations.unsettle(["b1", "a1"], at(0))
        await store.relations.unsettle(["c1"], at(1))
        first = await store.relations.unsettled(at(2), self.LEASE, 2)
        assert [one.article_id for one in first] == ["a1", "b1"]
        assert [
            one.article_id for one in await other.relations.unsettled(at(2), self.LEASE, 9)
        ] == ["c1"]
        assert await store.relations.unsettled(at(3), self.LEASE, 9) == []

    async def test_what_is_settled_is_forgotten(self, store: Store):
        await store.relations.unsettle(["a1"], at(0))
        claimed = await store.relations.unsettled(at(1), self.LEASE, 9)
        for _ in range(2):
            await store.relations.settled(claimed)
            assert (await store.relations.counts())["unsettled"] == 0
        assert await store.relations.unsettled(at(2) + self.LEASE, self.LEASE, 9) == []

    async def test_a_claim_comes_back_when_its_lease_is_over(self, store: Store):
        await store.relations.unsettle(["a1"], at(0))
        first = await store.relations.unsettled(at(1), self.LEASE, 9)
        assert await store.relations.unsettled(at(1) + self.LEASE, self.LEASE, 9) == first

    async def test_claims_are_counted_until_they_are_settled_lapse_or_end(
        self, store: Store, other: Store
    ):
        await store.relations.unsettle(["a1", "b1", "c1", "d1"], at(0))
        claims = await store.relations.unsettled(at(1), self.LEASE, 3)
        assert await other.relations.claimed(at(2)) == 3
        await store.relations.settled(claims[:1])
        assert await other.relations.claimed(at(2)) == 2
        await other.relations.unsettle([claims[1].article_id], at(2))
        assert await other.relations.claimed(at(2)) == 1
        assert await other.relations.claimed(at(1) + self.LEASE) == 0

    async def test_what_was_marked_anew_is_not_forgotten(self, store: Store, other: Store):
        await store.relations.unsettle(["a1"], at(0))
        stale = await store.relations.unsettled(at(1), self.LEASE, 9)
        await other.relations.unsettle(["a1"], at(2))
        await store.relations.settled(stale)
        (again,) = await store.relations.unsettled(at(2), self.LEASE, 9)
        assert again.article_id == "a1"
        assert again.mark != stale[0].mark

    async def test_what_is_not_marked_yet_can_be_held(self, store: Store, other: Store):
        await store.relations.unsettle(["a1"], at(0))
        held = await store.relations.hold(["a1", "b1"], at(1), self.LEASE)
        assert [one.article_id for one in held] == ["b1"]
        assert [
            one.article_id for one in await other.relations.unsettled(at(2), self.LEASE, 9)
        ] == ["a1"]
        await store.relations.settled(held)
        assert (await store.relations.counts())["unsettled"] == 1

    async def test_the_oldest_tells_how_long_something_waits(self, store: Store):
        assert await store.relations.unsettled_since() is None
        await store.relations.unsettle(["b1"], at(1))
        await store.relations.unsettle(["a1"], at(0))
        await store.relations.unsettle(["a1"], at(2))  # marked anew: it waits since the first time
        assert await store.relations.unsettled_since() == at(0)

    async def test_nothing_is_no_work(self, store: Store):
        assert await store.relations.hold([], at(0), self.LEASE) == []
        await store.relations.unsettle([], at(0))
        await store.relations.settled([])
        assert await store.relations.unsettled(at(0), self.LEASE, 9) == []
