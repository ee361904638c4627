"""The contract of pictures."""

import hashlib

from shared.store import Store
from tests.contract.store.build import a_picture, at

BYTES = b"\xff\xd8\x00" * 400
SHA = hashlib.sha256(BYTES).hexdigest()


async def test_an_outcome_comes_back_as_it_was(store: Store, other: Store):
    kept = a_picture(
        "https://p.example/$a.b?c=é", sha256=SHA, size=len(BYTES), frames=3, etag='W/"é"'
    )
    failed = a_picture(
        "gone",
        state="failed",
        reason="not-found: 404",
        sha256="",
        media_type="",
        width=0,
        failures=2,
    )
    await store.pictures.save(kept, BYTES)
    await store.pictures.save(failed)
    assert await other.pictures.get([kept.url, "gone", "unknown"]) == {
        kept.url: kept,
        "gone": failed,
    }
    assert await other.bytes.get(SHA) == BYTES


async def test_the_same_bytes_are_kept_once(store: Store, other: Store):
    await store.pictures.save(a_picture("one", sha256=SHA), BYTES)
    await other.pictures.save(a_picture("two", sha256=SHA), BYTES)
    assert await store.pictures.counts() == {"cached": 2, "failed": 0, "contents": 1}


async def test_a_later_outcome_takes_the_place_of_the_earlier(store: Store):
    await store.pictures.save(a_picture("one", state="failed", reason="gave-up", sha256=""))
    later = a_picture(
        "one", sha256=SHA, checked_at=at(60), last_modified="Mon, 02 Mar 2026 10:00:00 GMT"
    )
    for _ in range(2):
        await store.pictures.save(later, BYTES)
        assert await store.pictures.get(["one"]) == {"one": later}
    assert (await store.pictures.counts())["failed"] == 0


async def test_outcomes_come_in_pages_by_url(store: Store):
    urls = ["b", "a", "d", "c"]
    for url in urls:
        await store.pictures.save(a_picture(url, state="failed", sha256=""))
    assert [one.url for one in await store.pictures.page(limit=3)] == ["a", "b", "c"]
    assert [one.url for one in await store.pictures.page("c")] == ["d"]


async def test_bytes_that_are_not_there_are_none(store: Store):
    assert await store.bytes.get("00" * 32) is None
    assert await store.pictures.get([]) == {}


async def test_a_picture_of_15_mb_is_kept(store: Store):
    large = bytes(range(256)) * (15 * 4096)
    digest = hashlib.sha256(large).hexdigest()
    await store.pictures.save(a_picture(sha256=digest, size=len(large)), large)
    assert await store.bytes.get(digest) == large


async def test_when_an_outcome_was_replaced_comes_back(store: Store, other: Store):
    replaced = a_picture("one", sha256=SHA, replaced_at=at(60))
    await store.pictures.save(replaced, BYTES)
    assert await other.pictures.get(["one"]) == {"one": replaced}


async def test_who_names_a_picture_is_noted_once(store: Store, other: Store):
    for part in (store, other):
        await part.pictures.note({"b": ["one", "two", "one"], "a": ["one"], "c": []})
    await store.pictures.note({"c": ["$three.four five"]})
    assert await other.pictures.naming(["one", "two", "unknown"]) == {
        "one": ["a", "b"],
        "two": ["b"],
    }
    assert await store.pictures.naming(["$three.four five"]) == {"$three.four five": ["c"]}
    assert await store.pictures.naming([]) == {}
