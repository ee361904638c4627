"""What is kept of a picture, in which order, and what a death in between leaves."""

import hashlib
import io
from contextlib import asynccontextmanager

import pytest
from PIL import Image

from services.enrichment.images.decoding.process_pool import Died, Pool
from services.enrichment.images.fetching.fetch_outcome import Failed, Failure, Validators
from services.enrichment.images.pages.page_metadata import Found
from services.enrichment.images.scheduling.fetch_coordinator import Desk
from services.enrichment.images.scheduling.retry_policy import Patience
from services.enrichment.images.storing.image_store import Keeper, derived
from shared.clock import now
from shared.store import Store
from tests.integration.images.conftest import a_jpeg, keep, measured

URL = "https://p.example/a.jpg"


class Death(Exception):
    """The process was killed."""


class Mortal:
    """A store that dies at its n-th write, before it or after it."""

    def __init__(self, store: Store, writes: int, after: bool) -> None:
        self._store, self._left, self._after = store, writes, after
        self.pictures, self.bytes, self.contents, self.pages = (
            _Part(self, getattr(store, name)) for name in ("pictures", "bytes", "contents", "pages")
        )

    async def write(self, call):
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Death
        result = await call()
        if self._left == 0:
            raise Death
        return result


class _Part:
    def __init__(self, mortal: Mortal, part: object) -> None:
        self._mortal, self._part = mortal, part

    def __getattr__(self, name: str):
        method = getattr(self._part, name)
        if name not in ("put", "save", "describe"):
            return method
        return lambda *arguments: self._mortal.write(lambda: method(*arguments))


async def test_original_thumbnails_and_description_come_with_the_outcome(
    kept_store: Store, pool: Pool
):
    content = a_jpeg()
    await keep(pool, URL, measured(content), kept_store)
    picture = (await kept_store.pictures.get([URL]))[URL]
    described = (await kept_store.contents.get([picture.sha256]))[picture.sha256]
    assert picture.sha256 == hashlib.sha256(content).hexdigest()
    assert (described.width, described.height, described.size) == (700, 500, len(content))
    assert [one.width for one in described.thumbnails] == [320, 640]
    assert described.colour.startswith("#")
    assert len(described.blurhash) == 28
    sizes = {kept.name: kept.size for kept in await kept_store.bytes.page()}
    expected = {f"{picture.sha256}.{one.width}": one.size for one in described.thumbnails}
    assert sizes == {picture.sha256: len(content)} | expected


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("writes", [1, 2, 3, 4, 5])
async def test_a_death_between_two_writes_refers_to_nothing_and_is_healed_by_a_repeat(
    kept_store: Store, pool: Pool, writes: int, after: bool
):
    content = a_jpeg()
    with pytest.raises(Death):
        await keep(pool, URL, measured(content), Mortal(kept_store, writes, after))  # type: ignore[arg-type]
    if known := await kept_store.pictures.get([URL]):
        assert len(await kept_store.bytes.page()) == 3
        assert await kept_store.contents.get([known[URL].sha256])
    await keep(pool, URL, measured(content), kept_store)
    assert len(await kept_store.bytes.page()) == 3
    assert (await kept_store.pictures.counts()) == {"cached": 1, "failed": 0, "contents": 1}


async def test_a_picture_that_nothing_can_be_made_from_has_failed_with_a_word(kept_store: Store):
    class Poor:
        async def run(self, work: object, content: bytes) -> object:
            raise Died("it took too long")

    desk = Desk(web(measured(a_jpeg())), Patience(), now, lambda: 1.0, Keeper(Poor()).prepare)  # type: ignore[arg-type]
    await desk.bring({URL: ["a1"]}, kept_store)
    picture = (await kept_store.pictures.get([URL]))[URL]
    assert (picture.state, picture.reason.split(":")[0]) == ("failed", "broken")
    assert await kept_store.bytes.page() == []


def test_half_a_picture_comes_to_a_word():
    outcome = derived(a_jpeg()[:2000])
    assert isinstance(outcome, Failed)
    assert outcome.kind is Failure.BROKEN


async def test_a_picture_whose_thumbnails_take_too_much_memory_is_too_large():
    content = io.BytesIO()
    Image.new("L", (7_000, 7_000)).save(content, "PNG")
    pool = Pool(processes=1, memory=64 * 2**20)
    outcome = await Keeper(pool).derived(content.getvalue())
    await pool.close()
    assert isinstance(outcome, Failed)
    assert outcome.kind is Failure.TOO_LARGE


def web(outcome: object):
    @asynccontextmanager
    async def fetched(url: str, seconds: float, known: Validators):
        yield outcome

    return fetched


@pytest.mark.parametrize(
    "outcome", [Found((URL,), "https://p.example/amp"), Failed(Failure.ROBOTS, "no")]
)
async def test_outcomes_of_pages_are_kept_apart(kept_store: Store, outcome: Found | Failed):
    desk = Desk(web(outcome), Patience(), now, lambda: 1.0)
    await desk.bring({"page:https://p.example/a": ["a1"]}, kept_store)
    (page,) = (await kept_store.pages.get(["https://p.example/a"])).values()
    if isinstance(outcome, Found):
        assert (page.state, page.images, page.amp_url) == ("read", (URL,), "https://p.example/amp")
    else:
        assert (page.state, page.images, page.reason) == ("failed", (), "robots: no")
    assert await kept_store.pictures.page() == []
    assert await desk.missing(["page:https://p.example/a"], kept_store) == set()
