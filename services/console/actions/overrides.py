"""Giving the newsroom's word on articles, and taking it back: kept first, then the articles are marked.

Whoever dies between leaves a word that is obeyed when its articles are next looked at, or when the sweep of related
finds them waiting unmarked.
Articles are named by id or address, stories by id or by an article of theirs.
"""

from collections.abc import Collection, Iterable

from services.console.cli.articles import find
from services.enrichment.related.stories.overrides import read
from shared.article_view import rank
from shared.clock import now
from shared.errors import SeedwireError
from shared.store import Instruction, Store, pair
from shared.store.ports.overrides import Word


class NoStory(SeedwireError):
    """There is no such story, or the articles do not stand as the command needs it. Consequence: exit code 1."""


async def between(
    store: Store, which: Word, one: str, two: str, by: str, reason: str
) -> Instruction:
    """Pin or block two articles."""
    a, b = await find(store, one), await find(store, two)
    if a == b:
        raise NoStory(f"{one} and {two} are one article")
    return await _give(store, which, [a], [b], by, reason)


async def merge(store: Store, one: str, two: str, by: str, reason: str) -> Instruction:
    """Two stories become one: the best article of both holds all others to itself, and so leads them."""
    first, second = await _members(store, one), await _members(store, two)
    best, *rest = sorted((await store.articles.get(first | second)).values(), key=rank)
    if first == second:
        raise NoStory(f"{one} and {two} are one story already; pin its articles to keep it so")
    return await _give(store, "merge", [best.id], [article.id for article in rest], by, reason)


async def split(
    store: Store, leaving: Collection[str], other: str, by: str, reason: str
) -> Instruction:
    """The articles *leaving*, all of one story, are kept apart from who remains there, *other* among them."""
    ids = {await find(store, one) for one in leaving}
    stories = {await story_of(store, one) for one in ids}
    members = await _members(store, min(ids))
    if len(stories) > 1 or (other and await find(store, other) not in members):
        raise NoStory(
            "these articles do not stand in one story: `seedwire story show ID` shows who does"
        )
    if not members - ids:
        raise NoStory("nobody else stands in that story: there is nothing to leave")
    return await _give(store, "split", ids, members - ids, by, reason)


async def unpin(store: Store, one: str, two: str) -> list[Instruction]:
    """Take back every word about two articles, or about an article of each of two stories."""
    first, second = await _members(store, one, exact=True), await _members(store, two, exact=True)
    found = await _take_back(store, first, second)
    if not found:
        raise NoStory(f"the newsroom gave no word on {one} and {two}")
    return found


async def _members(store: Store, reference: str, exact: bool = False) -> set[str]:
    """The articles of the story that is named, or that the named article stands in; *exact*: that article alone."""
    story = (await store.stories.get([reference])).get(reference)
    if story is not None:
        if not story.members:
            raise NoStory(f"story {story.id} ended: it became {story.superseded_by}")
        return {*story.members}
    article_id = await find(store, reference)
    standing = await story_of(store, article_id)
    if exact or not standing:
        return {article_id}
    return {article_id, *(await store.stories.members([standing]))[standing]}


async def story_of(store: Store, article_id: str) -> str:
    return (await store.stories.of([article_id])).get(article_id, "")


async def _give(
    store: Store, which: Word, ones: Iterable[str], others: Iterable[str], by: str, reason: str
) -> Instruction:
    """Keep the word on these articles; linking obeys it from now on. Raises StoreAway, and may then be repeated."""
    instruction = Instruction(which, tuple(sorted(ones)), tuple(sorted(others)), by, now(), reason)
    await store.instructions.save(instruction)
    await _mark(store, instruction.articles)
    return instruction


async def _take_back(
    store: Store, ones: Collection[str], others: Collection[str]
) -> list[Instruction]:
    """Forget every word about one of *ones* and one of *others*; returns them."""
    wanted = {pair(one, other) for one in ones for other in others}
    found = [one for one in await store.instructions.of(ones) if one.pairs & wanted]
    await store.instructions.forget(found)
    await _mark(store, {article_id for one in found for article_id in one.articles})
    return found


async def _mark(store: Store, ids: Collection[str]) -> None:
    """Have linking look again at these articles, and at those that other words tie to them.

    Until it has, they wait for the stage *related*.
    """
    tied = {article_id for one in await read(ids, store) for article_id in one.articles}
    await store.articles.reopen("related", tied | {*ids})
    await store.relations.unsettle(tied | {*ids}, now())
