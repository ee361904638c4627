"""Checks a seed with ingest's own code, without dropping it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.ingest.identity import build_claims
from services.ingest.seed_record import InvalidDrop, ValidDrop, parse_drop
from shared.article import FieldError
from shared.broker.records import Record
from shared.events.topics import SEEDS
from shared.store import Cause, GrantedClaim, Store
from shared.store.alias_claims import AliasOwner, grant_claims


@dataclass(frozen=True)
class SeedCheck:
    """What ingest would say of a seed. Without errors it has a title."""

    title: str = ""
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[FieldError, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not self.errors


async def check_seed(content: bytes, store: Store, dropped_at: datetime) -> SeedCheck:
    """The errors and warnings that its receipt would have. Changes nothing in the store."""
    record = Record("", SEEDS, 0, 0, dropped_at, None, content)
    drop = parse_drop(record)
    if isinstance(drop, InvalidDrop):
        return SeedCheck(errors=_to_field_errors(drop.causes))
    grant = await _predict_grant(drop, store)
    warnings = _to_field_errors(replace(drop, grant=grant).warnings)
    return SeedCheck(drop.article.title, warnings=warnings)


async def _predict_grant(drop: ValidDrop, store: Store) -> GrantedClaim:
    """What `claim_aliases` would answer."""
    (claim,) = claims = await build_claims([drop], store)
    ids = await store.articles.resolve_aliases(claim.aliases)
    stored = await store.articles.get_summaries({*ids.values()})
    owners = {alias: AliasOwner(owner, owner in stored) for alias, owner in ids.items()}
    (grant,), _ = grant_claims(claims, owners)
    return grant


def _to_field_errors(causes: Iterable[Cause]) -> tuple[FieldError, ...]:
    return tuple(FieldError(cause.field, cause.line, cause.message) for cause in causes)
