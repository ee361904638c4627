"""Two workers decide a story at once, see each other's older decisions, die anywhere, and still agree."""

import pytest

from services.publishing.decision import outranks
from services.publishing.revisions import contender, verdict
from services.publishing.rules import OUTRANKED, Rules
from shared.article_view import load
from tests.unit.publishing.memory import NOW
from tests.unit.publishing.newsroom import Newsroom

RULES = Rules()
SEEDS = 40  # for each kind of worker; 2,000 were run once
NAMES = "abcdefgh"
QUALITIES = [None, 50, 60, 68, 69, 70, 71, 72, 73, 74]  # around the bar, within each other's margin


async def live_through(room: Newsroom) -> None:
    """Articles arrive, are linked, change and part, in any order, while the workers work."""
    chance, here = room.chance, []

    async def news() -> None:
        for name in chance.sample(NAMES, chance.randint(2, 8)):
            linked = [other for other in here if chance.random() < 0.5]
            room.arrive(name, chance.choice(QUALITIES), linked, minutes=chance.randrange(3))
            here.append(name)
            await room.pause()
            if chance.random() < 0.4:
                change(room, chance.choice(here))
            if chance.random() < 0.2 and room.store.linked:
                part(room)
            await room.pause()

    await room.work(news)


def change(room: Newsroom, name: str) -> None:
    linked = [
        other for ends in room.store.linked for other in ends if name in ends and other != name
    ]
    version = room.store.kept[name].version + 1
    touches = room.store.kept[name].touches
    title = room.chance.choice(["One title", "Another title"])
    quality = room.chance.randint(66, 76)
    room.arrive(name, quality, linked, version=version, title=title, touches=touches)


def part(room: Newsroom) -> None:
    ends = room.chance.choice(sorted(room.store.linked))
    del room.store.linked[ends]
    room.tell(*ends)


async def check_decisions(room: Newsroom) -> None:
    world = await load(room.store, list(room.store.kept))
    for name, known in world.items():
        me = contender(known.article, known.decision)
        others = [contender(linked.article, linked.decision) for linked in known.relatives]
        better = [other for other in others if outranks(other, me, RULES)]
        if me.leads:
            assert not any(other.leads for other in others), "two linked articles both lead"
            assert known.decision.heat == me.quality + 10 * len(others)
        else:
            assert known.decision.lead in [other.id for other in better]
            assert known.decision.heat == OUTRANKED
        assert known.decision.published == (known.decision.heat >= 70)
        assert verdict(known, RULES, NOW) is None, f"{name} is not what it would be decided to be"


def check_log(room: Newsroom) -> None:
    bytes_of: dict[str, bytes] = {}
    for _, event_id, value in room.log:
        assert bytes_of.setdefault(event_id, value) == value, "a repeat has other bytes"
    for name, decision in room.store.decided.items():
        told = room.revisions(name)
        assert list(dict.fromkeys(number for number, _ in told)) == list(
            range(1, decision.revision + 1)
        )
        by_order = room.owned or not told
        last = (
            told[-1:] if by_order else [max(told, key=lambda entry: entry[0])]
        )  # consumers ignore an older one
        state = bool(last and last[0][1].get("published"))
        assert state == decision.published, "the fold of the log is not the state"


@pytest.mark.parametrize("deaths", [0, 0.01, 0.05])
@pytest.mark.parametrize("redelivers", [True, False])
@pytest.mark.parametrize("owned", [True, False])
async def test_any_story_ends_with_every_article_decided_alike_and_told_in_order(
    owned, redelivers, deaths
):
    for seed in range(SEEDS):
        room = Newsroom(seed, owned=owned, deaths=deaths, redelivers=redelivers)
        await live_through(room)
        await check_decisions(room)
        check_log(room)
