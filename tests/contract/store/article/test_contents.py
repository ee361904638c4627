"""The contract of what is known of contents."""

from dataclasses import replace

from shared.store import Content, Store, Thumbnail
from tests.contract.store.builders import T0, a_picture, at

SHA = "ab" * 32
CONTENT = Content(
    sha256=SHA,
    media_type="image/png",
    width=800,
    height=600,
    frames=1,
    size=5_000,
    colour="#20a0ff",
    blurhash="LEHV6nWB2yk8pyo0adR*.7kCMdnj",
    thumbnails=(Thumbnail(320, 240, 900), Thumbnail(640, 480, 3_000)),
    described_at=T0,
)


async def test_a_description_comes_back_as_it_was(store: Store, other: Store):
    await store.contents.save(CONTENT)
    assert await other.contents.get([SHA, "cd" * 32]) == {SHA: CONTENT}
    assert await other.contents.get([]) == {}


async def test_a_later_description_replaces_the_earlier(store: Store):
    await store.contents.save(CONTENT)
    later = replace(CONTENT, described_at=at(60), thumbnails=())
    for _ in range(2):
        await store.contents.save(later)
    assert await store.contents.list_page() == [later]


async def test_descriptions_come_in_pages_by_hash(store: Store):
    first, second, third = (f"{number:064}" for number in (1, 2, 3))
    for name in (third, first, second):
        await store.contents.save(replace(CONTENT, sha256=name))
    page = await store.contents.list_page(limit=2)
    assert [content.sha256 for content in page] == [first, second]
    rest = await store.contents.list_page(second)
    assert [content.sha256 for content in rest] == [third]


async def test_a_description_is_deleted_unless_it_was_saved_again(store: Store):
    await store.contents.save(CONTENT)
    assert not await store.contents.delete(SHA, T0)
    assert await store.contents.delete(SHA, at(1))
    assert not await store.contents.delete(SHA, at(1))
    assert await store.contents.get([SHA]) == {}


async def test_contents_that_a_cached_picture_refers_to_are_found(store: Store):
    await store.pictures.save(a_picture("one", sha256=SHA, size=5), b"bytes")
    await store.pictures.save(a_picture("two", sha256=SHA, size=5), b"bytes")
    await store.pictures.save(a_picture("gone", state="failed", sha256=""))
    assert await store.pictures.find_referenced([SHA, "cd" * 32]) == {SHA}
    assert await store.pictures.find_referenced([]) == set()


async def test_bytes_deleted_between_two_saves_are_put_again(store: Store):
    await store.pictures.save(a_picture("one", sha256=SHA, size=5), b"bytes")
    assert await store.picture_bytes.delete(SHA, at(10**9))
    await store.pictures.save(a_picture("one", sha256=SHA, size=5), b"bytes")
    assert await store.picture_bytes.get(SHA) == b"bytes"
