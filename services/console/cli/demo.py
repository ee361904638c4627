"""`seedwire demo`: the main job from nothing, on the invented newsroom of `seeds/`."""

import asyncio
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from services.console.actions.drop import Receipt, dropper
from services.console.actions.seed_files import SeedFile, collect, load
from services.console.audit import audit
from services.console.cli.demo_pictures import PORT, picture_host
from services.console.cli.drop import line, summary
from services.console.cli.output import complain, say, table
from services.console.cli.session import open_store, with_store
from services.console.cli.up import await_ready, start_detached, stop
from services.console.cli.wait import settled
from services.console.supervisor import process_plan
from services.console.supervisor.state_dir import Home
from shared.article_view import views
from shared.errors import SeedwireError, SettingsError
from shared.settings import Settings, read
from shared.store import Decision, Store

SEEDS = Path(__file__).parents[3] / "seeds"
PATIENCE = 60.0  # seconds without a receipt
SETTLING = 120.0  # seconds that a wave may take; it takes two or three


def demo() -> int:
    """Run the main job from nothing, on an invented newsroom.

    Starts engines and services, drops seeds, shows what was published and why, stops everything. It keeps its data in
    a folder of its own, `demo` in SEEDWIRE_HOME, and begins anew each time. With SEEDWIRE_KAFKA or SEEDWIRE_STORE set
    it works on those engines, and leaves there what it made.

    Examples:

      seedwire demo
    """
    if not SEEDS.is_dir():
        raise SettingsError(f"the demo needs the folder {SEEDS}: run it in a clone")
    started = time.monotonic()
    with _own_home() as settings, picture_host(SEEDS / "pictures") as host:
        with _running(settings):
            say(f"Running after {time.monotonic() - started:.1f} s: {_parts(settings)}")
            receipts = [
                receipt for wave in _waves() for receipt in _drop_wave(settings, wave, host)
            ]
            audited = with_store(settings, lambda store: audit(settings, store))
        found = with_store(settings, lambda store: _found(store, receipts))
        _show(found, [receipt for receipt in receipts if receipt.status == "rejected"])
        say(f"\naudit: {audited}")
        _show_next(settings, found, started)
    return int(not found)


@contextmanager
def _own_home() -> Iterator[Settings]:
    """An empty home; the demo's pictures come from loopback, which image workers refuse otherwise."""
    home = Home(read(Settings).home.absolute() / "demo")
    if home.supervisor() is not None:
        raise SeedwireError(f"a demo runs in {home.folder} already")
    shutil.rmtree(home.folder, ignore_errors=True)
    os.environ |= {
        "SEEDWIRE_HOME": str(home.folder),
        "SEEDWIRE_IMAGES_ALLOW_NETWORKS": "127.0.0.0/8",
    }
    yield read(Settings)


@contextmanager
def _running(settings: Settings) -> Iterator[None]:
    home = Home(settings.home)
    plan = process_plan.plan()
    home.save_plan(plan)
    pid = start_detached(home)
    try:
        await_ready(home, plan, pid)
        yield
    finally:
        if home.supervisor() is not None:
            stop(home, pid)


def _parts(settings: Settings) -> str:
    kafka = "the embedded broker" if settings.embedded else f"Kafka at {settings.kafka}"
    return ", ".join([kafka, *process_plan.plan().slots])


def _waves() -> Sequence[Path]:
    return sorted(
        folder for folder in SEEDS.iterdir() if folder.is_dir() and folder.name[0].isdecimal()
    )


def _drop_wave(settings: Settings, wave: Path, host: str) -> list[Receipt]:
    """Drop a folder, wait until it is through every stage."""
    begun = time.monotonic()
    seeds = [_at_host(load(file), host) for file in collect([str(wave)])]
    receipts = asyncio.run(_through(settings, seeds))
    say(
        f"\nseeds/{wave.name}: {summary(receipts)}; through every stage after {time.monotonic() - begun:.1f} s"
    )
    return receipts


async def _through(settings: Settings, seeds: Sequence[SeedFile]) -> list[Receipt]:
    async with dropper(settings) as drops:
        receipts = await drops.receipts(await drops.send(seeds), PATIENCE)
    async with open_store(settings) as store:
        left = await settled(settings, store, SETTLING)
    if not left.nothing:
        raise SeedwireError(
            f"after {SETTLING:g} s there are left: {left}; see the logs in {settings.home / 'logs'}"
        )
    return receipts


def _at_host(seed: SeedFile, host: str) -> SeedFile:
    path = str(Path(seed.path).relative_to(SEEDS.parent))
    return SeedFile(path, seed.content.replace(f"127.0.0.1:{PORT}".encode(), host.encode()))


View = dict[str, Any]
Found = list[tuple[View, Decision]]


async def _found(store: Store, receipts: Iterable[Receipt]) -> Found:
    """Every article that was dropped, as people see it, hottest first."""
    articles = await views(
        store, {receipt.article_id for receipt in receipts if receipt.article_id}
    )
    decisions = await store.decisions.get(articles)
    found = [(articles[article_id], decision) for article_id, decision in decisions.items()]
    return sorted(found, key=lambda pair: (-pair[1].heat, pair[0]["id"]))


def _show(found: Found, rejects: Sequence[Receipt]) -> None:
    say("\nPublished stories, hottest first")
    for article, decision in found:
        if decision.published:
            _show_story(article, decision)
    say("\nPublished once, and retracted")
    for article, decision in found:
        if not decision.published and decision.latest:
            say(f"  {article['title']}\n      {decision.reason}")
    say("\nNever published")
    rest = [(a, d) for a, d in found if not d.published and not d.latest]
    table(("", "heat#", "title", "why"), [("", d.heat, a["title"], d.reason) for a, d in rest])
    say("\nRejected")
    for receipt in rejects:
        say(f"  {line(receipt)}")


def _show_story(article: View, decision: Decision) -> None:
    say(f"\n  {decision.heat:>4}  {article['title']}")
    say(
        f"        {article['provider']['name']}, quality {article['quality']}, revision {decision.revision}"
    )
    for image in article.get("images") or []:
        if image["isCached"]:
            say(f"        picture  {image['width']} x {image['height']}  {image['url']}")
    for relative in article["related"]:
        say(f"        related  {relative['title']} ({relative['provider']['name']})")
    say(f"        why      {decision.reason}")


def _show_next(settings: Settings, found: Found, started: float) -> None:
    home = (
        settings.home.relative_to(Path.cwd())
        if settings.home.is_relative_to(Path.cwd())
        else settings.home
    )
    say(
        f"\nDone in {time.monotonic() - started:.0f} s; everything is stopped. The data lies in {home}. Look around:"
    )
    for command in (
        "list",
        f"why {found[0][0]['id']}",
        "rejected list",
        "images sheet",
        "export out/",
    ):
        say(f"  SEEDWIRE_HOME={home} .venv/bin/seedwire {command}")
    say("Stay up and drop your own:  make up,  then  .venv/bin/seedwire drop FILE")
    if not settings.embedded or settings.store:
        complain(
            "the demo worked on the engines that your settings name, and left its articles there"
        )
