"""`python -m tests.contract.store.writers JOB URL NUMBER`: one writer, in its own process.

It begins when a line arrives on standard input, and prints a line for each write that was
acknowledged.
"""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count as count_up

from shared.store import AliasClaim, ArticleWrite, DecisionWrite, Store, connect
from tests.contract.store.builders import (
    a_decision,
    a_first_write,
    a_picture,
    a_revision,
    an_article,
    at,
)


def say(*words: object) -> None:
    print(*words, flush=True)


async def claim(store: Store, seed: int) -> None:
    """Claim and save articles over overlapping aliases until each is saved by somebody."""
    chance = random.Random(seed)
    for group in range(40):
        aliases = [f"g{group}/{number}" for number in range(4)]
        chosen = tuple(sorted([*chance.sample(aliases, 2), f"shared/{aliases[0]}"]))
        while True:
            claimed = AliasClaim(f"id{chance.randrange(10**6):06}", chosen)
            (grant,) = await store.articles.claim_aliases([claimed])
            owner = grant.article_id
            if owner in await store.articles.get([owner]):
                break
            await store.articles.save([a_first_write(owner, aliases=grant.aliases)])
        say(owner, *chosen)


async def count(store: Store, seed: int) -> None:
    """Raise the version of one article by compare-and-set."""
    for _ in range(60):
        current = (await store.articles.get(["a1"]))["a1"]
        raised = an_article(version=current.version + 1)
        (is_saved,) = await store.articles.save([ArticleWrite(raised, current.version)])
        if is_saved:
            say(raised.version)


async def take(store: Store, seed: int) -> None:
    """Claim parked work until there is none."""
    while work := await store.parked.claim(at(1), timedelta(hours=1), 3):
        for fetch in work:
            say(fetch.url)


async def picture(store: Store, seed: int) -> None:
    for number in range(20):
        content = b"picture %d" % number * 1000
        saved = a_picture(f"{number}/{seed}", sha256=f"{number:064}", size=len(content))
        await store.pictures.save(saved, content)
        say(number)


async def decide(store: Store, seed: int) -> None:
    """Publish the next revision of one article, again and again."""
    for _ in range(60):
        current = (await store.decisions.get(["a1"])).get("a1")
        stamp = current.stamp + 1 if current else 1
        revision = a_revision(number=stamp, data=b"%d" % seed)
        write = DecisionWrite(a_decision(stamp=stamp, latest=revision), 0, revision)
        (is_saved,) = await store.decisions.save([write])
        if is_saved:
            say(stamp)


async def fill(store: Store, seed: int) -> None:
    """Save article after article, and a decision for each, until killed."""
    for number in count_up():
        name = f"k{seed}x{number:06}"
        aliases = (f"{name}.example",)
        await store.articles.claim_aliases([AliasClaim(name, aliases)])
        await store.articles.save([a_first_write(name, aliases=aliases)])
        await store.decisions.save([DecisionWrite(a_decision(name), 1, a_revision(name))])
        say(name)


JOBS: dict[str, Callable[[Store, int], Awaitable[None]]] = {
    "claim": claim,
    "count": count,
    "take": take,
    "picture": picture,
    "decide": decide,
    "fill": fill,
}


async def main(job: str, url: str, seed: int) -> None:
    store = connect(url)
    await store.open()
    say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    await JOBS[job](store, seed)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
