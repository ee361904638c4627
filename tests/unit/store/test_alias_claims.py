"""Whose drop it is when a claim meets the aliases of other articles."""

import random

from shared.store import AliasClaim, GrantedClaim, OwnedAlias
from shared.store.alias_claims import AliasOwner, grant_claims


def stored(article_id: str) -> AliasOwner:
    return AliasOwner(article_id, is_firm=True)


def claimed(article_id: str) -> AliasOwner:
    return AliasOwner(article_id, is_firm=False)


def test_an_unknown_claim_gets_its_own_article():
    grants, moves = grant_claims([AliasClaim("a", ("x", "y"))], {})
    assert grants == [GrantedClaim("a", ("x", "y"))]
    assert moves == {"x": "a", "y": "a"}


def test_the_first_stored_owner_in_the_order_of_the_claim_wins():
    owners = {"x": stored("a"), "y": stored("z"), "w": claimed("b")}
    grants, moves = grant_claims([AliasClaim("c", ("w", "y", "x"))], owners)
    assert grants == [GrantedClaim("z", ("w", "y"), (OwnedAlias("x", "a"),))]
    assert moves == {"w": "z"}


def test_claims_of_which_nothing_is_stored_go_to_the_smallest_id():
    owners = {"x": claimed("b"), "y": claimed("a")}
    grants, moves = grant_claims([AliasClaim("c", ("x", "y"))], owners)
    assert grants == [GrantedClaim("a", ("x", "y"))]
    assert moves == {"x": "a"}


def test_a_claim_takes_nothing_from_those_before_it():
    claims = [AliasClaim("b", ("x",)), AliasClaim("a", ("y",)), AliasClaim("b", ("x", "y"))]
    grants, _ = grant_claims(claims, {})
    assert grants[2] == GrantedClaim("b", ("x",), (OwnedAlias("y", "a"),))


def test_between_two_processes_aliases_move_towards_the_smaller_id_alone():
    """What this process granted a moment ago is nothing to the other one."""
    claims = [AliasClaim("m", ("x",)), AliasClaim("m", ("x", "y", "z"))]
    owners = {"y": claimed("a"), "z": claimed("n")}
    grants, moves = grant_claims(claims, owners)
    assert grants[1] == GrantedClaim("m", ("x", "z"), (OwnedAlias("y", "a"),))
    assert "y" not in moves


def test_a_claim_without_aliases_is_its_own():
    assert grant_claims([AliasClaim("a", ())], {}) == ([GrantedClaim("a", ())], {})


def test_two_processes_that_take_turns_come_to_an_end_and_agree():
    """Each plans on what it read, and moves only what is still as it was then."""
    chance = random.Random(5)
    for _ in range(500):
        aliases = [f"x{number}" for number in range(5)]
        calls = [
            [
                AliasClaim(f"{chance.choice('abcdefgh')}", tuple(chance.sample(aliases, 3)))
                for _ in range(chance.randint(1, 3))
            ]
            for _ in range(2)
        ]
        owners: dict[str, AliasOwner] = {}
        unfinished = {0, 1}
        for _ in range(100):
            if not unfinished:
                break
            number = chance.choice(sorted(unfinished))
            before = dict(owners)
            _, moves = grant_claims(calls[number], before)
            if chance.random() < 0.5 and len(unfinished) == 2:
                _, other_moves = grant_claims(calls[1 - number], before)
                owners |= {alias: claimed(owner) for alias, owner in other_moves.items()}
            for alias, owner in moves.items():
                if owners.get(alias) == before.get(alias):
                    owners[alias] = claimed(owner)
            if not moves:
                unfinished.remove(number)
        assert not unfinished
