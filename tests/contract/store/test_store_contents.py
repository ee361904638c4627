"""The contract of what is known of contents and pages."""

from dataclasses import replace

from shared.store import Content, Page, Store, Thumbnail
from tests.contract.store.build import T0, a_picture, at

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
PAGE = Page(
    "https://p.example/$a.b?c=é",
    "read",
    T0,
    "",
    ("https://p.example/1.jpg", "https://p.example/2.jpg"),
    "x",
)


async def test_a_description_comes_back_as_it_was(store: Store, other: Store):
    await store.contents.describe(CONTENT)
    assert await other.contents.get([SHA, "cd" * 32]) == {SHA: CONTENT}
    assert await other.contents.get([]) == {}


async def test_a_later_description_takes_the_place_of_the_earlier(store: Store):
    await store.contents.describe(CONTENT)
    later = replace(CONTENT, described_at=at(60), thumbnails=())
    for _ in range(2):
        await store.contents.describe(later)
    assert await store.contents.page() == [later]


async def test_descriptions_come_in_pages_by_hash(store: Store):
    names = [f"{n:064}" for n in (3, 1, 2)]
    for name in names:
        await store.contents.describe(replace(CONTENT, sha256=name))
    assert [one.sha256 for one in await store.contents.page(limit=2)] == sorted(names)[:2]
    assert [one.sha256 for one in await store.contents.page(sorted(names)[1])] == sorted(names)[2:]


async def test_a_description_is_forgotten_unless_it_was_made_anew(store: Store):
    await store.contents.describe(CONTENT)
    assert not await store.contents.forget(SHA, T0)
    assert await store.contents.forget(SHA, at(1))
    assert not await store.contents.forget(SHA, at(1))
    assert await store.contents.get([SHA]) == {}


async def test_contents_that_a_kept_picture_refers_to_are_told(store: Store):
    await store.pictures.save(a_picture("one", sha256=SHA, size=5), b"bytes")
    await store.pictures.save(a_picture("two", sha256=SHA, size=5), b"bytes")
    await store.pictures.save(a_picture("gone", state="failed", sha256=""))
    assert await store.pictures.referred([SHA, "cd" * 32]) == {SHA}
    assert await store.pictures.referred([]) == set()


async def test_a_picture_collected_between_two_saves_is_put_again(store: Store):
    await store.pictures.save(a_picture("one", sha256=SHA, size=5), b"bytes")
    assert await store.bytes.delete(SHA, at(10**9))
    await store.pictures.save(a_picture("one", sha256=SHA, size=5), b"bytes")
    assert await store.bytes.get(SHA) == b"bytes"


async def test_a_page_comes_back_as_it_was_and_a_later_outcome_replaces_it(
    store: Store, other: Store
):
    await store.pages.save(
        replace(PAGE, state="failed", reason="robots: no", images=(), amp_url="")
    )
    await store.pages.save(PAGE)
    assert await other.pages.get([PAGE.url, "unknown"]) == {PAGE.url: PAGE}


async def test_pages_come_in_pages_by_url(store: Store):
    for url in ("b", "c", "a"):
        await store.pages.save(replace(PAGE, url=url))
    assert [page.url for page in await store.pages.page(limit=2)] == ["a", "b"]
    assert [page.url for page in await store.pages.page("b")] == ["c"]
