"""Plans which keys are requested for articles, and which articles wait for nothing more."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from services.enrichment.images.fetching.fetch_keys import host_of_key, page_key
from services.enrichment.images.scheduling.fetch_coordinator import FetchCoordinator
from services.enrichment.images.scheduling.required_keys import picture_urls, required_keys
from shared.broker.records import Event
from shared.events.picture_events import build_picture_wanted
from shared.store import ParkedFetch, Store, StoredArticle
from shared.views.article_images import KnownImages, load_outcomes

KeysByArticle = dict[str, list[str]]


@dataclass
class FetchPlan:
    """*requests* go to the owners of hosts. *completed* are the articles that wait for nothing
    more, each with its version."""

    requests: list[Event] = field(default_factory=list)
    completed: dict[str, int] = field(default_factory=dict)


class FetchPlanner:
    """*reads_pages*: whether an article without a picture gets one from its page."""

    def __init__(self, coordinator: FetchCoordinator, *, reads_pages: bool) -> None:
        self._coordinator = coordinator
        self._reads_pages = reads_pages

    async def plan(self, articles: Sequence[StoredArticle], store: Store) -> FetchPlan:
        """Request what the articles miss.

        What waits for a host that must not be contacted now, as far as this process knows, is
        parked without a request. Writes references and parked work; may be repeated.
        """
        named = {article.id: picture_urls(article.article_without_related) for article in articles}
        await store.pictures.add_references(named)
        required, _ = await self._load_required(articles, store)
        missing = await self._coordinator.find_missing(_join_keys(required), store)
        open_keys = await _select_open(required, missing, store)
        parked = await self._coordinator.park_unavailable(_group_by_key(open_keys), store)
        plan = FetchPlan()
        for article in articles:
            keys = [key for key in open_keys[article.id] if key not in parked]
            plan.requests += [_build_request(article, key) for key in keys]
            if not keys:
                plan.completed[article.id] = article.version
        return plan

    async def plan_next(self, articles: Sequence[StoredArticle], store: Store) -> FetchPlan:
        """After a fetch: request what has become known since the articles were planned.

        The seed's own pictures were requested then; what their pages name is requested now.
        """
        required, known = await self._load_required(articles, store)
        page_keys = {page_key(url) for url in known.pages}
        undecided = _join_keys(required) - known.pictures.keys() - page_keys
        open_keys = await _select_open(required, undecided, store)
        plan = FetchPlan()
        for article in articles:
            keys = open_keys[article.id]
            named = picture_urls(article.article_without_related)
            plan.requests += [_build_request(article, key) for key in keys if key not in named]
            if not keys:
                plan.completed[article.id] = article.version
        return plan

    async def plan_retries(self, claimed: Sequence[ParkedFetch], store: Store) -> list[Event]:
        """Requests for claimed work, which stays parked until it has an outcome.

        Work that its article does not require any more is removed; work for hosts that must not
        be contacted now is parked again.
        """
        articles = await store.articles.get({fetch.article_id for fetch in claimed})
        known = await self._load_outcomes(articles.values(), store)
        required = self._required_keys(articles.values(), known)
        needed: list[ParkedFetch] = []
        obsolete: list[ParkedFetch] = []
        for fetch in claimed:
            if fetch.url in required.get(fetch.article_id, ()):
                needed.append(fetch)
            else:
                obsolete.append(fetch)
        await store.parked.remove(obsolete)
        requested: dict[str, list[str]] = {}
        for fetch in needed:
            requested.setdefault(fetch.url, []).append(fetch.article_id)
        parked = await self._coordinator.park_unavailable(requested, store)
        retried = [fetch for fetch in needed if fetch.url not in parked]
        return [_build_retry(fetch, articles[fetch.article_id]) for fetch in retried]

    async def _load_required(
        self, articles: Collection[StoredArticle], store: Store
    ) -> tuple[KeysByArticle, KnownImages]:
        """What each article requires, and the outcomes that this follows from.

        References to pictures of pages are written before the outcomes of these are read (see
        storing/subscribers.py).
        """
        known = await self._load_outcomes(articles, store)
        references = _find_page_pictures(articles, known)
        if any(references.values()):
            await store.pictures.add_references(references)
            known = await self._load_outcomes(articles, store)
        return self._required_keys(articles, known), known

    async def _load_outcomes(
        self, articles: Collection[StoredArticle], store: Store
    ) -> KnownImages:
        contents = [article.article_without_related for article in articles]
        return await load_outcomes(contents, store, with_pages=self._reads_pages)

    def _required_keys(
        self, articles: Collection[StoredArticle], known: KnownImages
    ) -> KeysByArticle:
        required: KeysByArticle = {}
        for article in articles:
            if self._reads_pages:
                required[article.id] = required_keys(article.article_without_related, known)
            else:
                required[article.id] = picture_urls(article.article_without_related)
        return required


def _find_page_pictures(
    articles: Collection[StoredArticle], known: KnownImages
) -> dict[str, Sequence[str]]:
    """The pictures that the articles' pages name, by article."""
    pictures: dict[str, Sequence[str]] = {}
    for article in articles:
        page = known.page_of(article.article_without_related)
        if page is not None:
            pictures[article.id] = page.images
    return pictures


async def _select_open(
    required: KeysByArticle, candidates: Collection[str], store: Store
) -> KeysByArticle:
    """Of each article's keys those that are *candidates* and not parked for it."""
    fetches = await store.parked.find_by_urls(candidates)
    parked = {(fetch.article_id, fetch.url) for fetch in fetches}
    selected: KeysByArticle = {}
    for article_id, keys in required.items():
        selected[article_id] = [
            key for key in keys if key in candidates and (article_id, key) not in parked
        ]
    return selected


def _join_keys(keys_by_article: KeysByArticle) -> set[str]:
    return {key for keys in keys_by_article.values() for key in keys}


def _group_by_key(keys_by_article: KeysByArticle) -> dict[str, list[str]]:
    """For each key the ids of the articles that it is open for."""
    article_ids: dict[str, list[str]] = {}
    for article_id, keys in keys_by_article.items():
        for key in keys:
            article_ids.setdefault(key, []).append(article_id)
    return article_ids


def _build_request(article: StoredArticle, key: str) -> Event:
    cause = f"v{article.version}"
    return build_picture_wanted(
        article.id, key, host_of_key(key), cause, article.changed_at, article.trace
    )


def _build_retry(fetch: ParkedFetch, article: StoredArticle) -> Event:
    return build_picture_wanted(
        article.id,
        fetch.url,
        host_of_key(fetch.url),
        cause=f"v{article.version}.again{fetch.attempts}",
        time=article.changed_at,
        trace=article.trace,
        again=True,
    )
