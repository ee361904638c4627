"""Two workers decide one story at once, are killed at any point, and still agree."""

import pytest

from services.publishing.announcing.revisions import plan_decision_write
from services.publishing.deciding.ranking import build_contender, outranks
from services.publishing.deciding.rules import OUTRANKED, Rules
from shared.views.article_snapshot import load_snapshots
from tests.unit.publishing.memory_store import NOW
from tests.unit.publishing.two_workers import TwoWorkers

SEEDS = 12  # for each kind of worker; 2,000 were run once
NAMES = "abcdefgh"
# Around the publish threshold, and within each other's margin.
QUALITIES = [None, 50, 60, 68, 69, 70, 71, 72, 73, 74]


async def run_changes(workers: TwoWorkers) -> None:
    """While the workers work, articles arrive, are linked, change and are separated."""
    chance = workers.chance

    async def make_changes() -> None:
        names: list[str] = []
        for name in chance.sample(NAMES, chance.randint(2, 8)):
            linked = [other for other in names if chance.random() < 0.5]
            quality = chance.choice(QUALITIES)
            workers.add_article(name, quality, linked, minutes=chance.randrange(3))
            names.append(name)
            await workers.pause()
            if chance.random() < 0.4:
                change_article(workers, chance.choice(names))
            if chance.random() < 0.2 and workers.store.stored_links:
                remove_link(workers)
            await workers.pause()

    await workers.work(make_changes)


def change_article(workers: TwoWorkers, name: str) -> None:
    linked = []
    for a, b in workers.store.stored_links:
        if name in (a, b):
            linked.append(b if name == a else a)
    old = workers.store.stored_articles[name]
    title = workers.chance.choice(["One title", "Another title"])
    quality = workers.chance.randint(66, 76)
    version = old.version + 1
    workers.add_article(name, quality, linked, version=version, title=title, touches=old.touches)


def remove_link(workers: TwoWorkers) -> None:
    """As linking does: those are touched whose decision names the other."""
    a, b = workers.chance.choice(sorted(workers.store.stored_links))
    del workers.store.stored_links[a, b]
    workers.touch(*workers.store.find_naming([(a, b), (b, a)]))


async def check_decisions(workers: TwoWorkers, rules: Rules) -> None:
    """Every decision is the one that the rules give, now that all of them are known."""
    snapshots = await load_snapshots(workers.store, list(workers.store.stored_articles))
    for name, snapshot in snapshots.items():
        decision = snapshot.decision
        article = build_contender(snapshot.article, decision)
        relatives = [build_contender(each.article, each.decision) for each in snapshot.relatives]
        stronger = [relative.id for relative in relatives if outranks(relative, article, rules)]
        if article.is_lead:
            assert not any(relative.is_lead for relative in relatives), "two relatives both lead"
            assert decision.heat == article.quality + rules.bonus(article.quality, len(relatives))
        else:
            assert decision.lead in stronger
            assert decision.heat == OUTRANKED
        assert decision.published == (decision.heat >= 70)
        write = plan_decision_write(snapshot, rules, NOW)
        assert write is None, f"{name} would be decided differently now"


def check_log(workers: TwoWorkers) -> None:
    """All revisions are in the log in their order, and the last one is what is published."""
    values: dict[str, bytes] = {}
    for _, event_id, value in workers.log:
        assert values.setdefault(event_id, value) == value, "a repeat has other bytes"
    for name, decision in workers.store.stored_decisions.items():
        revisions = workers.read_revisions(name)
        numbers = dict.fromkeys(number for number, _ in revisions)
        assert list(numbers) == list(range(1, decision.revision + 1))
        if not workers.owned:  # a repeat may come late; consumers ignore an older revision
            revisions.sort(key=lambda revision: revision[0])
        is_published = bool(revisions and revisions[-1][1].get("published"))
        assert is_published == decision.published, "the log does not end with the published state"


@pytest.mark.parametrize("kill_chance", [0, 0.01, 0.05])
@pytest.mark.parametrize("redelivers", [True, False])
@pytest.mark.parametrize("owned", [True, False])
@pytest.mark.parametrize(("wakes_relatives", "margin"), [(True, 2), (False, 2), (False, 0)])
async def test_workers_agree_on_every_article_and_announce_its_revisions_in_order(
    wakes_relatives, margin, owned, redelivers, kill_chance
):
    rules = Rules(margin=margin)
    for seed in range(SEEDS):
        workers = TwoWorkers(
            seed,
            rules,
            owned=owned,
            kill_chance=kill_chance,
            redelivers=redelivers,
            wakes_relatives=wakes_relatives,
        )
        await run_changes(workers)
        await check_decisions(workers, rules)
        check_log(workers)


async def check_against_articles_alone(workers: TwoWorkers) -> None:
    """Every decision follows from the articles and their links, whoever led before."""
    snapshots = await load_snapshots(workers.store, list(workers.store.stored_articles))
    contenders = {name: build_contender(each.article, None) for name, each in snapshots.items()}
    better: dict[str, list[str]] = {}
    for name, snapshot in snapshots.items():
        others = [relative.article.id for relative in snapshot.relatives]
        own = contenders[name].ranking_key
        better[name] = [other for other in others if contenders[other].ranking_key < own]
    for name, snapshot in snapshots.items():
        in_order = sorted(better[name], key=lambda other: contenders[other].ranking_key)
        leading = [other for other in in_order if not better[other]]
        assert snapshot.decision.lead == [*leading, *in_order, name][0]


@pytest.mark.parametrize("owned", [True, False])
async def test_without_a_margin_the_order_of_arrival_decides_nothing(owned):
    for seed in range(SEEDS):
        workers = TwoWorkers(
            seed,
            Rules(margin=0),
            owned=owned,
            kill_chance=0.01,
            redelivers=True,
            wakes_relatives=False,
        )
        await run_changes(workers)
        await check_against_articles_alone(workers)
