"""One stream for all who watch."""

import asyncio

from services.console.web.broadcast import Broadcast


class Fragment:
    def __init__(self) -> None:
        self.text = "first"
        self.renderings = 0

    async def render(self) -> str:
        self.renderings += 1
        return self.text


async def read(broadcast: Broadcast) -> list[str]:
    """Everything that a viewer gets."""
    response = broadcast.respond()
    return [bytes(piece).decode() async for piece in response.body_iterator]  # type: ignore[arg-type]


async def run_until(broadcast: Broadcast, fragment: Fragment, renderings: int) -> None:
    running = asyncio.create_task(broadcast.run())
    while fragment.renderings < renderings:  # noqa: ASYNC110
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    broadcast.close()


async def start(broadcast: Broadcast, count: int) -> list[asyncio.Task[list[str]]]:
    viewers = [asyncio.create_task(read(broadcast)) for _ in range(count)]
    while broadcast.watching < count:  # noqa: ASYNC110
        await asyncio.sleep(0)
    return viewers


async def test_a_fragment_is_rendered_once_for_all():
    fragment = Fragment()
    broadcast = Broadcast(fragment.render, interval_seconds=60)
    viewers = await start(broadcast, 50)
    await run_until(broadcast, fragment, 1)
    for viewer in viewers:
        assert "data: first\n\n" in await viewer
    assert fragment.renderings == 1


async def test_what_has_not_changed_is_not_sent_again():
    fragment = Fragment()
    broadcast = Broadcast(fragment.render, interval_seconds=0)
    (viewer,) = await start(broadcast, 1)
    await run_until(broadcast, fragment, 5)
    assert "".join(await viewer).count("data:") == 1


async def test_every_line_is_a_line_of_the_message():
    fragment = Fragment()
    fragment.text = "<p>\n\n</p>\n"
    broadcast = Broadcast(fragment.render, interval_seconds=60)
    (viewer,) = await start(broadcast, 1)
    await run_until(broadcast, fragment, 1)
    assert (await viewer)[-1] == "data: <p>\ndata: </p>\n\n"


async def test_nothing_is_rendered_while_nobody_watches():
    fragment = Fragment()
    broadcast = Broadcast(fragment.render, interval_seconds=0)
    running = asyncio.create_task(broadcast.run())
    for _ in range(10):
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert fragment.renderings == 0


async def test_closing_ends_every_stream():
    broadcast = Broadcast(Fragment().render, interval_seconds=60)
    viewers = await start(broadcast, 3)
    broadcast.close()
    await asyncio.gather(*viewers)
    assert broadcast.watching == 0


async def test_who_comes_after_a_time_without_viewers_gets_nothing_old():
    fragment = Fragment()
    broadcast = Broadcast(fragment.render, interval_seconds=60)
    response = broadcast.respond()
    stream = response.body_iterator
    await anext(stream)
    running = asyncio.create_task(broadcast.run())
    assert "first" in bytes(await anext(stream)).decode()  # type: ignore[arg-type]
    running.cancel()
    await stream.aclose()  # type: ignore[attr-defined]
    (viewer,) = await start(broadcast, 1)
    broadcast.close()
    assert "first" not in "".join(await viewer)
