"""The contract of parked work."""

from datetime import timedelta

from shared.store import Store
from tests.contract.store.build import a_piece, at

LEASE = timedelta(minutes=5)


def names(work):
    return [(piece.article_id, piece.url) for piece in work]


async def test_work_comes_when_it_is_due_soonest_first(store: Store):
    await store.parked.park(
        [a_piece(url="late", due=at(20)), a_piece(url="b", due=at(2)), a_piece(url="a", due=at(1))]
    )
    assert [piece.url for piece in await store.parked.claim(at(10), LEASE, 10)] == ["a", "b"]
    assert [piece.url for piece in await store.parked.page()] == ["a", "b", "late"]
    assert await store.parked.count() == 3


async def test_a_piece_is_claimed_once(store: Store, other: Store):
    await store.parked.park([a_piece(url=str(number)) for number in range(5)])
    first = await store.parked.claim(at(1), LEASE, 3)
    second = await other.parked.claim(at(1), LEASE, 10)
    assert len(first) == 3
    assert sorted(names(first + second)) == sorted(names(await store.parked.page()))
    assert await store.parked.claim(at(1), LEASE, 10) == []


async def test_a_claimed_piece_comes_back_when_its_lease_is_over(store: Store):
    await store.parked.park([a_piece(attempts=3, reason="503")])
    (first,) = await store.parked.claim(at(1), LEASE, 1)
    (again,) = await store.parked.claim(at(1) + LEASE, LEASE, 1)
    assert (again.attempts, again.reason, again.due) == (3, "503", at(0))
    assert first.claim != again.claim


async def test_what_is_done_is_forgotten(store: Store):
    await store.parked.park([a_piece()])
    claimed = await store.parked.claim(at(1), LEASE, 1)
    for _ in range(2):
        await store.parked.done(claimed)
        assert await store.parked.count() == 0


async def test_what_another_claimed_since_is_not_forgotten(store: Store, other: Store):
    await store.parked.park([a_piece()])
    mine = await store.parked.claim(at(1), LEASE, 1)
    theirs = await other.parked.claim(at(1) + LEASE, LEASE, 1)
    await store.parked.done(mine)
    assert await store.parked.count() == 1
    await other.parked.done(theirs)
    assert await store.parked.count() == 0


async def test_what_was_parked_anew_is_not_forgotten(store: Store):
    await store.parked.park([a_piece()])
    claimed = await store.parked.claim(at(1), LEASE, 1)
    await store.parked.park([a_piece(due=at(60), attempts=2, reason="again")])
    await store.parked.done(claimed)
    (piece,) = await store.parked.page()
    assert piece == a_piece(due=at(60), attempts=2, reason="again")
    assert await store.parked.claim(at(59), LEASE, 1) == []
    assert len(await store.parked.claim(at(60), LEASE, 1)) == 1


async def test_articles_park_the_same_url_apart(store: Store):
    await store.parked.park([a_piece("a1"), a_piece("b1")])
    assert await store.parked.count() == 2


async def test_all_that_waits_for_a_url_is_found_held_or_not(store: Store, other: Store):
    await store.parked.park(
        [a_piece("b1"), a_piece("a1"), a_piece("a1", url="other"), a_piece("a1", url="third")]
    )
    await other.parked.claim(at(1), LEASE, 1)
    url = a_piece().url
    assert names(await store.parked.on([url, "other", url])) == [
        ("a1", url),
        ("a1", "other"),
        ("b1", url),
    ]
    (held,) = [piece for piece in await store.parked.on([url, "other"]) if piece.claim]
    await store.parked.done([held])
    assert len(await store.parked.on([url, "other"])) == 2


async def test_nothing_parked_is_nothing_done(store: Store):
    await store.parked.park([])
    await store.parked.done([])
    assert await store.parked.on([]) == []
    assert await store.parked.on(["unknown"]) == []
    assert await store.parked.claim(at(1), LEASE, 5) == []
    assert await store.parked.page() == []
