"""A newsroom that nobody harmed audits clean."""

from tests.integration.audit.newsroom import Newsroom, picture, seed


async def test_an_empty_newsroom_is_clean(room: Newsroom):
    report = await room.audit()
    assert report.found == ()
    assert report.is_clean()


async def test_a_newsroom_at_rest_is_clean(room: Newsroom):
    room.pictures["https://p.example/1.png"] = picture()
    first = seed("one", image="https://p.example/1.png")
    changed = seed("one", 60, "Another title", image="https://p.example/1.png")
    await room.drop(first, seed("two", 75), b"no seed", changed)
    await room.work()
    report = await room.audit()
    assert report.found == ()
    assert (report.articles, report.drops, report.pictures, report.rejected) == (2, 4, 1, 1)
    assert report.events >= 1
