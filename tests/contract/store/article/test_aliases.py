"""The contract of claims: which article a drop belongs to, and what other articles keep."""

import pytest

from shared.store import AliasClaim, GrantedClaim, OwnedAlias, Store
from tests.contract.store.builders import a_first_write


async def claim(store: Store, *claims: AliasClaim) -> list[str]:
    """The article that each claim got."""
    return [grant.article_id for grant in await store.articles.claim_aliases(claims)]


async def save_with_alias(store: Store, article_id: str, alias: str) -> None:
    await store.articles.claim_aliases([AliasClaim(article_id, (alias,))])
    await store.articles.save([a_first_write(article_id, aliases=(alias,))])


async def test_a_new_claim_gets_the_id_it_would_have(store: Store):
    assert await claim(store, AliasClaim("a1", ("x", "y"))) == ["a1"]
    owners = await store.articles.resolve_aliases(["x", "y", "z"])
    assert owners == {"x": "a1", "y": "a1"}


async def test_a_repeat_gets_the_same(store: Store, other: Store):
    for handle in (store, other, store):
        granted = await handle.articles.claim_aliases([AliasClaim("a1", ("x", "y"))])
        assert granted == [GrantedClaim("a1", ("x", "y"))]


async def test_claims_over_a_shared_alias_agree_before_anything_is_saved(store: Store):
    first = await claim(store, AliasClaim("a1", ("x", "y")))
    second = await claim(store, AliasClaim("b1", ("y", "z")))
    assert first == second
    owners = await store.articles.resolve_aliases(["x", "y", "z"])
    assert set(owners.values()) == set(first)


async def test_a_stored_article_gets_new_aliases(store: Store):
    await save_with_alias(store, "b1", "x")
    assert await claim(store, AliasClaim("a1", ("w", "x"))) == ["b1"]
    assert await store.articles.resolve_aliases(["w", "x"]) == {"w": "b1", "x": "b1"}


@pytest.mark.parametrize("order", [("y", "x", "new"), ("new", "y", "x"), ("y", "new", "x")])
async def test_of_two_stored_articles_the_owner_of_the_first_alias_wins(
    order: tuple[str, ...], store: Store
):
    """The other keeps its own alias, and the answer says which that is."""
    await save_with_alias(store, "a1", "x")
    await save_with_alias(store, "b1", "y")
    (granted,) = await store.articles.claim_aliases([AliasClaim("c1", order)])
    assert granted.article_id == "b1"
    assert set(granted.aliases) == {"y", "new"}
    assert granted.others == (OwnedAlias("x", "a1"),)
    owners = await store.articles.resolve_aliases(["x", "y", "new"])
    assert owners == {"x": "a1", "y": "b1", "new": "b1"}


async def test_the_letters_of_ids_and_aliases_decide_nothing_between_stored_articles(store: Store):
    await save_with_alias(store, "a1", "a.example")
    await save_with_alias(store, "z1", "z.example")
    claims = [
        AliasClaim("c1", ("z.example", "a.example")),
        AliasClaim("c1", ("a.example", "z.example")),
    ]
    assert await claim(store, *claims) == ["z1", "a1"]


async def test_claims_of_one_call_get_what_claims_of_many_calls_get(store: Store):
    """The third drop carries the addresses of the two before it, of which nothing is stored."""
    claims = [
        AliasClaim("c1", ("agency",)),
        AliasClaim("b1", ("paper",)),
        AliasClaim("b1", ("paper", "agency")),
        AliasClaim("d1", ("z",)),
    ]
    agency, paper, both, apart = await store.articles.claim_aliases(claims)
    assert [agency.article_id, paper.article_id, apart.article_id] == ["c1", "b1", "d1"]
    assert both == GrantedClaim("b1", ("paper",), (OwnedAlias("agency", "c1"),))
    for grant in (agency, paper):
        write = a_first_write(grant.article_id, aliases=grant.aliases)
        assert await store.articles.save([write]) == [True]
    assert await store.articles.claim_aliases(claims[:3]) == [agency, paper, both]


async def test_a_claim_that_joins_an_earlier_one_of_its_call_brings_all_its_aliases(store: Store):
    """Otherwise the new one would name an article that is never stored, for its id is smaller."""
    claims = [AliasClaim("z1", ("x", "y")), AliasClaim("a1", ("y", "w"))]
    assert await claim(store, *claims) == ["z1", "z1"]
    assert await store.articles.resolve_aliases(["w", "x", "y"]) == dict.fromkeys("wxy", "z1")


async def test_a_stored_article_keeps_its_alias_though_a_smaller_id_claims_it(store: Store):
    await save_with_alias(store, "z1", "x")
    assert await claim(store, AliasClaim("a1", ("x",))) == ["z1"]


async def test_an_alias_may_be_any_text(store: Store):
    odd = ("$where.example/a.b", "é.example/ä?q=$1", "." * 900)
    assert await claim(store, AliasClaim("a1", odd)) == ["a1"]
    assert await store.articles.resolve_aliases(odd) == dict.fromkeys(odd, "a1")


async def test_aliases_come_in_pages(store: Store, other: Store):
    claims = [AliasClaim("b1", ("z", "x")), AliasClaim("a1", ("y", "$w.é"))]
    await store.articles.claim_aliases(claims)
    page = await other.articles.list_aliases(limit=3)
    assert page == [("$w.é", "a1"), ("x", "b1"), ("y", "a1")]
    assert await other.articles.list_aliases("y") == [("z", "b1")]
    assert await other.articles.list_aliases("z") == []


async def test_released_aliases_name_nothing_unless_they_are_anothers(store: Store, other: Store):
    await store.articles.claim_aliases([AliasClaim("a1", ("x", "y")), AliasClaim("b1", ("z",))])
    for _ in range(2):
        await store.articles.release_aliases({"a1": ["x", "z", "unknown"], "b1": []})
    assert await other.articles.resolve_aliases(["x", "y", "z"]) == {"y": "a1", "z": "b1"}
    (grant,) = await other.articles.claim_aliases([AliasClaim("c1", ("x",))])
    assert (grant.article_id, grant.aliases) == ("c1", ("x",))
