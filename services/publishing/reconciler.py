"""The desk: decides articles as the store knows them, until a fresh look changes nothing.

Articles that are related are decided by several processes at once, each seeing the other's last decision. Who saves a
decision therefore looks again: whatever was saved before that look is seen, and who saves after it sees this one. An
article waits for its decision until that look was taken and everything that follows from it is written. So wherever a
process dies, the record that comes again or the sweep finds what is left to do.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from services.publishing.revisions import unaware, verdict
from services.publishing.rules import Rules
from services.publishing.story_leads import name_leads
from shared import failpoints
from shared.article_view import Known, load
from shared.broker.records import Event
from shared.clock import Clock
from shared.errors import StoreAway
from shared.events.catalogue import enriched, publication
from shared.store import Publication, Store

ROUNDS: Final = (
    20  # each round somebody's decision is saved: so many lost in a row mean a sick store
)
ALL: Final = 1_000_000  # of a batch's revisions: one left for later would come after newer ones


class Desk:
    """Decides by *rules*. Stateless: all it knows is in the store."""

    def __init__(self, rules: Rules, clock: Clock) -> None:
        self._rules = rules
        self._clock = clock

    async def decide_articles(self, ids: Collection[str], store: Store) -> list[Event]:
        """Decide these articles; returns every revision of theirs not yet announced, and whom their leads concern:
        relatives that must look again, and stories that have another lead.

        Articles that a stage of enrichment still works on are left waiting: the stage's own event comes. Raises
        StoreAway, and may then be repeated.
        """
        left = list(ids)
        touches: list[Event] = []
        for _ in range(ROUNDS):
            if not left:
                return [*publications(await store.decisions.due(ids, ALL)), *touches]
            ready = [
                known
                for known in (await load(store, left, self._rules.max_related)).values()
                if is_ready(known)
            ]
            left = await self._save(ready, store)
            standing = [known for known in ready if known.article.id not in left]
            touches += await name_leads(standing, store, self._rules, self._clock)
            touches += await _settle(standing, left, store)
        raise StoreAway(f"{len(left)} articles were decided anew {ROUNDS} times in a row")

    async def _save(self, ready: Sequence[Known], store: Store) -> list[str]:
        """Save what changes. Returns the ids to look at again: those changed here, or meanwhile by someone else."""
        verdicts = [v for known in ready if (v := verdict(known, self._rules, self._clock()))]
        await failpoints.reached("parsed")
        if verdicts:
            await store.decisions.save(verdicts)
            await failpoints.reached("saved")
        return [v.decision.article_id for v in verdicts]


def is_ready(known: Known) -> bool:
    return not known.article.pending & {"images", "related"}


def publications(due: Iterable[Publication]) -> list[Event]:
    return [event for item in due for event in publication(item)]


async def _settle(standing: Sequence[Known], left: Collection[str], store: Store) -> list[Event]:
    """These decisions stand: wake the relatives that don't know yet who leads, then let them stop waiting.

    Relatives among *left* are looked at again anyway.
    """
    woken = [(known, other) for known in standing for other in unaware(known) if other not in left]
    if woken:
        await store.articles.enriched("related", {}, {other for _, other in woken})
        await failpoints.reached("woken")
    await store.decisions.settled({known.article.id: known.article.touches for known in standing})
    await failpoints.reached("decided")
    return [enriched(other, "publishing", _cause(known)) for known, other in woken]


def _cause(known: Known) -> str:
    return f"{known.article.id}.d{known.decision.stamp if known.decision else 0}"
