"""/: how it is, even while it is not well."""

import asyncio
import re
from datetime import timedelta

from services.console.sampling.samples import KAFKA
from services.console.web.app import build_app
from shared.clock import now
from shared.runtime.http.http_server import serve_app
from tests.integration.console.desk import Desk, read_text
from tests.integration.console.web.conftest import Visit, make_sample, make_stage


async def test_before_the_first_sample_the_page_says_so(visit: Visit):
    assert "Nothing is measured yet" in await Desk(visit.client).read("/")


async def test_a_quiet_newsroom_is_well(visit: Visit):
    visit.sampler.latest = make_sample(now(), make_stage())
    text = read_text(await Desk(visit.client).read("/"))
    assert "All is quiet: everything that was dropped is through." in text


async def test_what_is_put_aside_leads_to_its_page_and_the_runbook_is_at_hand(visit: Visit):
    visit.sampler.latest = make_sample(now(), make_stage())
    page = await Desk(visit.client).read("/")
    main = page[page.index("<main") :]
    for path in ("/parked", "/rejected", "/runbook"):
        assert f'href="{path}"' in main
        assert (await visit.client.get(path)).status_code == 200


async def test_while_kafka_is_away_the_last_numbers_stay_with_their_age(visit: Visit):
    at = now()
    sample = make_sample(at - timedelta(minutes=3), make_stage(waiting=7, oldest=9), away=KAFKA)
    visit.sampler.latest = sample
    text = read_text(await Desk(visit.client).read("/"))
    assert "Kafka has been away since" in text
    assert "nothing is lost" in text
    assert "as Kafka last gave them: 3 min ago" in text
    assert "7 waiting, oldest 9 s" in text


async def test_as_soon_as_kafka_is_away_the_page_says_how_old_its_numbers_are(visit: Visit):
    sample = make_sample(now() - timedelta(seconds=4), make_stage(waiting=7, oldest=9), away=KAFKA)
    visit.sampler.latest = sample
    text = read_text(await Desk(visit.client).read("/"))
    assert re.search(r"as Kafka last gave them: [4-9] s ago", text)
    assert "as the store last gave them" not in text


async def test_the_scripts_that_make_it_live_are_not_deferred(visit: Visit):
    """A deferred htmx may begin before its extension is there, and then connects to no stream."""
    page = await Desk(visit.client).read("/")
    vendored = re.findall(r"<script [^>]*/vendor/[^>]*>", page)
    assert len(vendored) == 2
    assert not [script for script in vendored if "defer" in script or "async" in script]


async def test_the_stream_sends_what_the_page_shows_to_everyone(visit: Visit):
    visit.sampler.latest = make_sample(now(), make_stage(waiting=3, oldest=1))
    viewers = [asyncio.create_task(visit.client.get("/live")) for _ in range(5)]
    stream, _ = visit.console.broadcasts
    while stream.watching < len(viewers):  # noqa: ASYNC110
        await asyncio.sleep(0)
    async with visit.console.broadcasting():
        while not visit.sampler.looks:  # noqa: ASYNC110
            await asyncio.sleep(0)
    answers = await asyncio.gather(*viewers)
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].headers["content-type"].startswith("text/event-stream")
    assert "data: " in answers[0].text
    assert "3 waiting" in answers[0].text
    assert visit.sampler.looks == 1  # rendered once, for all of them
    assert stream.watching == 0


async def test_a_console_that_stops_ends_open_streams_in_order(visit: Visit):
    """A stream that had to be cut off would lack its last chunk."""
    visit.sampler.latest = make_sample(now(), make_stage(waiting=3, oldest=1))
    app = build_app(visit.console)
    async with serve_app(app, "127.0.0.1", 0) as port, visit.console.broadcasting():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        await reader.readuntil(b"retry: 2000")
    assert (await reader.read()).endswith(b"0\r\n\r\n")
    writer.close()
