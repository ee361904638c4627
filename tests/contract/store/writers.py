"""`python -m tests.contract.store.writers JOB URL NUMBER…`: a writer among several, as a process of its own.

It prints a line for each write that was acknowledged, and starts when a line comes on standard input.
"""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta

from shared.store import Claim, Save, Store, Verdict, connect
from tests.contract.store.build import a_decision, a_picture, a_publication, an_article, at, new


def say(*words: object) -> None:
    print(*words, flush=True)


async def claim(store: Store, seed: int) -> None:
    """Claim and save articles over overlapping aliases until each is saved by someone."""
    chance = random.Random(seed)
    for group in range(40):
        aliases = [f"g{group}/{n}" for n in range(4)]
        chosen = tuple(sorted([*chance.sample(aliases, 2), "shared/" + aliases[0]]))
        while True:
            (owner,) = await store.articles.claim(
                [Claim(f"id{chance.randrange(10**6):06}", chosen)]
            )
            if owner in await store.articles.get([owner]):
                break
            await store.articles.save([new(owner, aliases=chosen)])
        say(owner, *chosen)


async def count(store: Store, seed: int) -> None:
    """Take the one article's version up, by compare-and-set."""
    for _ in range(60):
        current = (await store.articles.get(["a1"]))["a1"]
        (won,) = await store.articles.save(
            [Save(an_article(version=current.version + 1), current.version)]
        )
        if won:
            say(current.version + 1)


async def take(store: Store, seed: int) -> None:
    """Claim parked work until there is none."""
    while work := await store.parked.claim(at(1), timedelta(hours=1), 3):
        for piece in work:
            say(piece.url)


async def picture(store: Store, seed: int) -> None:
    for number in range(20):
        content = b"picture %d" % number * 1000
        await store.pictures.save(
            a_picture(f"{number}/{seed}", sha256=f"{number:064}", size=len(content)), content
        )
        say(number)


async def decide(store: Store, seed: int) -> None:
    """Publish the next revision of the one article, again and again."""
    for _ in range(60):
        current = (await store.decisions.get(["a1"])).get("a1")
        stamp = current.stamp + 1 if current else 1
        item = a_publication(revision=stamp, data=b"%d" % seed)
        (won,) = await store.decisions.save(
            [Verdict(a_decision(stamp=stamp, latest=item), 0, item)]
        )
        if won:
            say(stamp)


async def fill(store: Store, seed: int) -> None:
    """Save article after article, and a decision for each, until killed."""
    for number in range(1_000_000):
        name = f"k{seed}x{number:06}"
        await store.articles.claim([Claim(name, (f"{name}.example",))])
        await store.articles.save([new(name, aliases=(f"{name}.example",))])
        await store.decisions.save([Verdict(a_decision(name), 1, a_publication(name))])
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
