"""Whose drop it is when a claim meets the aliases of other articles: pure, for every adapter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.store.ports.article.alias_claims import AliasClaim, GrantedClaim, OwnedAlias


@dataclass(frozen=True)
class AliasOwner:
    """The article that an alias names.

    *is_firm*: nobody takes the alias from it, because it is stored or about to be. Otherwise a
    claim owns the alias, of which nothing is stored yet, or ever will be.
    """

    article_id: str
    is_firm: bool


def grant_claims(
    claims: Sequence[AliasClaim], owners: Mapping[str, AliasOwner]
) -> tuple[list[GrantedClaim], dict[str, str]]:
    """What each claim gets, and the aliases that change their owner, with the new one.

    *owners* holds the aliases that have an owner. Each claim sees what those before it got, and
    takes nothing from them. An alias changes its owner once at most.
    """
    current = dict(owners)
    granted_ids: set[str] = set()
    grants: list[GrantedClaim] = []
    moves: dict[str, str] = {}
    for claim in claims:
        winner = _select_winner(claim, current, granted_ids)
        for alias in claim.aliases:
            if _may_move(current.get(alias), winner, granted_ids):
                current[alias] = winner
                moves[alias] = winner.article_id
        granted_ids.add(winner.article_id)
        grants.append(_build_grant(claim, winner.article_id, current))
    return grants, moves


def _select_winner(
    claim: AliasClaim, owners: Mapping[str, AliasOwner], granted_ids: set[str]
) -> AliasOwner:
    """The first owner, in the order of the claim's aliases, that is stored or has a grant.

    Without one it is the owner with the smallest id, so that concurrent claims agree; without any
    owner, the claim's own article.
    """
    found = [owners[alias] for alias in claim.aliases if alias in owners]
    for owner in found:
        if owner.is_firm or owner.article_id in granted_ids:
            return owner
    smallest = min((owner.article_id for owner in found), default=claim.article_id)
    return AliasOwner(smallest, is_firm=False)


def _may_move(owner: AliasOwner | None, winner: AliasOwner, granted_ids: set[str]) -> bool:
    """Whether the alias becomes the winner's.

    Between claims of which nothing is stored, aliases move only towards the smaller id: otherwise
    two processes could take an alias from one another without end.
    """
    if owner is None:
        return True
    if owner.article_id == winner.article_id or owner.is_firm or owner.article_id in granted_ids:
        return False
    return winner.is_firm or winner.article_id < owner.article_id


def _build_grant(
    claim: AliasClaim, article_id: str, owners: Mapping[str, AliasOwner]
) -> GrantedClaim:
    aliases: list[str] = []
    others: list[OwnedAlias] = []
    for alias in claim.aliases:
        if owners[alias].article_id == article_id:
            aliases.append(alias)
        else:
            others.append(OwnedAlias(alias, owners[alias].article_id))
    return GrantedClaim(article_id, tuple(aliases), tuple(others))
