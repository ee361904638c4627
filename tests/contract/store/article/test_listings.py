"""The contract of listings: pages of articles, found by what their seeds and decisions say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.store import (
    ArticleWrite,
    DecisionWrite,
    Listing,
    ListingQuery,
    Position,
    Store,
    StoredArticle,
)
from tests.contract.store.builders import a_decision, a_revision, a_signature, an_article, at

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_seed(title: str, minutes: float = 0, topics: str = "[]", provider: str = "Tide") -> bytes:
    time = NOON + timedelta(minutes=minutes)
    return f"""---
title: "{title}"
publishedDateTime: {time:%Y-%m-%dT%H:%M:%SZ}
originalUrl: https://tide.example/x
quality: 30
topics: {topics}
provider: {{name: "{provider}", domain: tide.example}}
---
""".encode()


def a_seeded_article(article_id: str, title: str = "A title", **given: Any) -> StoredArticle:
    return an_article(article_id, seed=a_seed(title, **given))


async def save(store: Store, *articles: StoredArticle) -> None:
    assert all(await store.articles.save([ArticleWrite(article, 0) for article in articles]))


async def decide(store: Store, article_id: str, heat: int, published: bool = True) -> None:
    before = (await store.decisions.get([article_id])).get(article_id)
    stamp = before.stamp + 1 if before else 1
    decision = a_decision(article_id, stamp, heat=heat, published=published)
    assert await store.decisions.save([DecisionWrite(decision, 0)]) == [True]


async def find(store: Store, after: Position | None = None, limit: int = 50, **query: Any) -> str:
    """The ids of a page, with a blank between each two."""
    page = await store.listings.find(ListingQuery(**query), after, limit)
    return " ".join(listing.article_id for listing in page)


class TestContents:
    async def test_a_listing_has_what_seed_signature_and_decision_say(
        self, store: Store, other: Store
    ):
        article = a_seeded_article("a1", "Docks: a “strike”", topics="[Ports, Work]")
        await save(store, article)
        await store.signatures.save([a_signature("a1", terms=("de:hafen",))])
        latest = a_revision("a1", at=at(5))
        decision = a_decision("a1", published=True, heat=80, revision=1, latest=latest)
        await store.decisions.save([DecisionWrite(decision, 0, latest)])
        listing = Listing(
            article_id="a1",
            version=1,
            title="Docks: a “strike”",
            slug="2026-03-02-docks-a-strike",
            published_at=NOON,
            provider="Tide",
            topics=("Ports", "Work"),
            quality=30,
            language="de",
            is_published=True,
            heat=80,
            lead="a1",
            relatives=1,
            revision=1,
            revised_at=at(5),
        )
        assert await other.listings.get(["a1", "unknown"]) == {"a1": listing}
        assert await other.listings.find(ListingQuery()) == [listing]

    async def test_an_undecided_article_has_no_heat_and_is_not_published(self, store: Store):
        await save(store, a_seeded_article("a1"))
        (listing,) = await store.listings.find(ListingQuery(is_published=False))
        assert (listing.heat, listing.is_published, listing.language) == (None, False, "")
        assert listing.position.heat == -2

    async def test_an_article_that_cannot_be_read_is_listed_with_the_problem(self, store: Store):
        await save(store, an_article("a1", seed=b"---\ntitle: [\nsecured: CANARY\n---\n"))
        (listing,) = await store.listings.find(ListingQuery())
        assert listing.title == ""
        assert listing.problem
        assert "CANARY" not in listing.problem

    async def test_a_new_version_replaces_what_the_seed_said_and_keeps_the_decision(
        self, store: Store
    ):
        await save(store, a_seeded_article("a1", "Old docks", topics="[Ports]"))
        await decide(store, "a1", heat=80)
        newer = an_article("a1", 2, seed=a_seed("New piers", minutes=9, topics="[Sea]"))
        assert await store.articles.save([ArticleWrite(newer, 1)]) == [True]
        assert await find(store, topic="Ports") == ""
        assert await find(store, search="docks") == ""
        assert await find(store, slug="2026-03-02-old-docks") == ""
        assert await find(store, topic="Sea", search="piers", is_published=True) == "a1"

    async def test_a_write_that_loses_lists_nothing(self, store: Store):
        await save(store, a_seeded_article("a1", "First"))
        losing = ArticleWrite(a_seeded_article("a1", "Second"), 0)
        assert await store.articles.save([losing]) == [False]
        await decide(store, "a1", heat=80)
        late = DecisionWrite(a_decision("a1", heat=1, published=False), 0)
        assert await store.decisions.save([late]) == [False]
        (listing,) = await store.listings.find(ListingQuery())
        assert (listing.title, listing.heat) == ("First", 80)

    async def test_a_signature_of_another_version_says_nothing(self, store: Store):
        await save(store, a_seeded_article("a1"))
        await store.signatures.save([a_signature("a1", 2, terms=("de:hafen",))])
        assert await find(store, language="de") == ""


class TestLists:
    @pytest.fixture(autouse=True)
    async def newsroom(self, store: Store) -> None:
        await save(
            store,
            a_seeded_article("a1", "Docks strike", minutes=1, topics="[Ports, AI]"),
            a_seeded_article("b1", "Dock workers strike again", minutes=3, topics="[ports]"),
            a_seeded_article("c1", "Élan des docks", minutes=3, topics="[AI]"),
            a_seeded_article("d1", "深度学习", minutes=2, provider="Wave"),
        )
        await decide(store, "a1", heat=90)
        await decide(store, "b1", heat=70)
        await decide(store, "c1", heat=-1, published=False)

    async def test_the_latest_come_first_and_of_equals_the_greater_id(self, store: Store):
        assert await find(store) == "c1 b1 d1 a1"

    async def test_by_heat_the_hottest_come_first_and_the_undecided_last(self, store: Store):
        assert await find(store, order="heat") == "a1 b1 c1 d1"

    async def test_by_publication_state(self, store: Store):
        assert await find(store, is_published=True) == "b1 a1"
        assert await find(store, is_published=False) == "c1 d1"

    async def test_by_topic_whatever_its_case(self, store: Store):
        assert await find(store, topic="PORTS") == "b1 a1"
        assert await find(store, topic="ai", is_published=True) == "a1"
        assert await find(store, topic="nothing") == ""

    async def test_by_provider_under_its_name_or_domain(self, store: Store):
        assert await find(store, provider="wave") == "d1"
        assert await find(store, provider="tide.example") == "c1 b1 d1 a1"

    async def test_by_several_things_at_once(self, store: Store):
        assert await find(store, topic="ai", provider="tide", is_published=False) == "c1"
        assert await find(store, topic="ai", provider="wave") == ""
        assert await find(store, topic="ports", provider="tide", order="heat") == "a1 b1"

    async def test_a_search_wants_every_word_and_regards_neither_case_nor_accents(
        self, store: Store
    ):
        assert await find(store, search="STRIKE") == "b1 a1"
        assert await find(store, search="strike docks") == "a1"
        assert await find(store, search="elan") == "c1"
        assert await find(store, search="学习") == "d1"
        assert await find(store, search="度") == "d1"
        assert await find(store, search="strik") == ""
        assert await find(store, search="strike", topic="ai", is_published=True) == "a1"

    async def test_a_search_without_a_word_finds_nothing(self, store: Store):
        assert await find(store, search="!?") == ""

    async def test_a_search_cannot_be_in_the_order_of_heat(self):
        with pytest.raises(ValueError, match="order of time"):
            ListingQuery(search="x", order="heat")

    async def test_a_slug_finds_its_article(self, store: Store):
        assert await find(store, slug="2026-03-02-docks-strike") == "a1"

    async def test_an_article_changes_lists_with_its_decision(self, store: Store):
        await decide(store, "a1", heat=20, published=False)
        assert await find(store, is_published=True) == "b1"
        assert await find(store, is_published=False, order="heat") == "a1 c1 d1"

    @pytest.mark.parametrize("is_published", [None, False])
    @pytest.mark.parametrize("order", ["time", "heat"])
    @pytest.mark.parametrize("given", [{}, {"topic": "many"}])
    async def test_pages_go_through_all_once_whatever_they_share(
        self, store: Store, order: str, is_published: bool | None, given: dict[str, str]
    ):
        articles = []
        for number in range(12):
            minutes = number % 3
            articles.append(a_seeded_article(f"m{number}", "X", minutes=minutes, topics="[Many]"))
        await save(store, *articles)
        for number in range(8):
            await decide(store, f"m{number}", heat=number % 2, published=False)
        query = ListingQuery(order=order, is_published=is_published, **given)  # type: ignore[arg-type]
        whole = await store.listings.find(query, limit=100)
        paged: list[Listing] = []
        while page := await store.listings.find(query, paged[-1].position if paged else None, 3):
            assert len(page) <= 3
            paged += page
        assert paged == whole
        assert len({listing.article_id for listing in paged}) >= 12

    async def test_pages_of_a_search(self, store: Store):
        (first,) = await store.listings.find(ListingQuery(search="strike"), limit=1)
        assert await find(store, first.position, search="strike") == "a1"


class TestLastRevision:
    async def test_it_is_that_of_any_article(self, store: Store):
        assert await store.listings.get_last_revised() is None
        await save(store, a_seeded_article("a1"), a_seeded_article("b1"))
        for article_id, seconds in (("a1", 7), ("b1", 3)):
            latest = a_revision(article_id, at=at(seconds))
            decision = a_decision(article_id, revision=1, published=True, latest=latest)
            await store.decisions.save([DecisionWrite(decision, 0, latest)])
        assert await store.listings.get_last_revised() == at(7)


class TestRebuilding:
    async def test_a_listing_that_is_rebuilt_is_as_it_was(self, store: Store):
        await save(store, a_seeded_article("a1", topics="[Ports]"), a_seeded_article("b1"))
        await store.signatures.save([a_signature("a1", terms=("de:hafen",))])
        await decide(store, "a1", heat=80)
        before = await store.listings.find(ListingQuery())
        await store.listings.rebuild(["a1", "b1", "unknown"])
        assert await store.listings.find(ListingQuery()) == before
        assert await find(store, topic="ports", language="de", is_published=True) == "a1"
        await store.listings.rebuild([])
