"""The contract of what was found on web pages."""

from dataclasses import replace

from shared.store import Store, WebPage
from tests.contract.store.builders import T0

PAGE = WebPage(
    "https://p.example/$a.b?c=é",
    "read",
    T0,
    "",
    ("https://p.example/1.jpg", "https://p.example/2.jpg"),
    "x",
)


async def test_an_outcome_comes_back_as_it_was_and_a_later_one_replaces_it(
    store: Store, other: Store
):
    failed = replace(PAGE, state="failed", reason="robots: no", images=(), amp_url="")
    await store.web_pages.save(failed)
    await store.web_pages.save(PAGE)
    assert await other.web_pages.get([PAGE.url, "unknown"]) == {PAGE.url: PAGE}


async def test_outcomes_come_in_pages_by_url(store: Store):
    for url in ("b", "c", "a"):
        await store.web_pages.save(replace(PAGE, url=url))
    assert [page.url for page in await store.web_pages.list_page(limit=2)] == ["a", "b"]
    assert [page.url for page in await store.web_pages.list_page("b")] == ["c"]
