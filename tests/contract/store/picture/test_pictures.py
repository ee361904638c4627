"""The contract of pictures."""

import hashlib

from shared.store import Store
from tests.contract.store.builders import a_picture, at

BYTES = b"\xff\xd8\x00" * 400
SHA = hashlib.sha256(BYTES).hexdigest()


async def test_an_outcome_comes_back_as_it_was(store: Store, other: Store):
    url = "https://p.example/$a.b?c=é"
    cached = a_picture(url, sha256=SHA, size=len(BYTES), frames=3, etag='W/"é"')
    failed = a_picture(
        "gone",
        state="failed",
        reason="not-found: 404",
        sha256="",
        media_type="",
        width=0,
        failures=2,
    )
    await store.pictures.save(cached, BYTES)
    await store.pictures.save(failed)
    found = await other.pictures.get([url, "gone", "unknown"])
    assert found == {url: cached, "gone": failed}
    assert await other.picture_bytes.get(SHA) == BYTES


async def test_the_same_bytes_are_kept_once(store: Store, other: Store):
    await store.pictures.save(a_picture("one", sha256=SHA), BYTES)
    await other.pictures.save(a_picture("two", sha256=SHA), BYTES)
    assert await store.pictures.counts() == {"cached": 2, "failed": 0, "contents": 1}


async def test_a_later_outcome_replaces_the_earlier(store: Store):
    await store.pictures.save(a_picture("one", state="failed", reason="gave-up", sha256=""))
    modified = "Mon, 02 Mar 2026 10:00:00 GMT"
    later = a_picture("one", sha256=SHA, checked_at=at(60), last_modified=modified)
    for _ in range(2):
        await store.pictures.save(later, BYTES)
        assert await store.pictures.get(["one"]) == {"one": later}
    assert (await store.pictures.counts())["failed"] == 0


async def test_outcomes_come_in_pages_by_url(store: Store):
    for url in ("b", "a", "d", "c"):
        await store.pictures.save(a_picture(url, state="failed", sha256=""))
    assert [picture.url for picture in await store.pictures.list_page(limit=3)] == ["a", "b", "c"]
    assert [picture.url for picture in await store.pictures.list_page("c")] == ["d"]


async def test_bytes_that_are_not_there_are_none(store: Store):
    assert await store.picture_bytes.get("00" * 32) is None
    assert await store.pictures.get([]) == {}


async def test_a_picture_of_15_mb_is_kept(store: Store):
    large = bytes(range(256)) * (15 * 4096)
    digest = hashlib.sha256(large).hexdigest()
    await store.pictures.save(a_picture(sha256=digest, size=len(large)), large)
    assert await store.picture_bytes.get(digest) == large


async def test_the_time_at_which_an_outcome_was_replaced_comes_back(store: Store, other: Store):
    replaced = a_picture("one", sha256=SHA, replaced_at=at(60))
    await store.pictures.save(replaced, BYTES)
    assert await other.pictures.get(["one"]) == {"one": replaced}


async def test_the_articles_that_name_a_picture_are_recorded_once(store: Store, other: Store):
    for handle in (store, other):
        await handle.pictures.add_references({"b": ["one", "two", "one"], "a": ["one"], "c": []})
    odd = "$three.four five"
    await store.pictures.add_references({"c": [odd]})
    found = await other.pictures.find_referring_articles(["one", "two", "unknown"])
    assert found == {"one": ["a", "b"], "two": ["b"]}
    assert await store.pictures.find_referring_articles([odd]) == {odd: ["c"]}
    assert await store.pictures.find_referring_articles([]) == {}
