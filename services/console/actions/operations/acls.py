"""What each service may do on Kafka, and nothing more: one principal each, as kafka-acls commands.

Every service may describe all topics, because it looks whether they exist. Only the operator may
create them. A transaction or an id for idempotence needs no right of its own: since Kafka 3 whoever
may write may do so idempotently.
"""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from services.console.sampling.stages import STAGES, name_group
from shared.events.topics import (
    ENRICHED,
    INGESTED,
    PUBLISHED_LOG,
    PUBLISHED_STATE,
    RECEIPTS,
    REJECTED,
    SEEDS,
    STORIES_LOG,
    STORIES_STATE,
    WANTED,
    load_topics,
)

DEFAULT_PREFIX: Final = "seedwire-"
_PUBLIC: Final = (PUBLISHED_LOG, PUBLISHED_STATE, STORIES_LOG, STORIES_STATE)
_ALL: Final = tuple(topic.name for topic in load_topics())


@dataclass(frozen=True)
class Rights:
    """Topics that are read and written, groups that are joined, and groups that are looked at."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    watches: tuple[str, ...] = ()
    creates: tuple[str, ...] = ()
    is_ours: bool = True  # describes all topics


RIGHTS: Final[Mapping[str, Rights]] = {
    "ingest": Rights(
        reads=(SEEDS,), writes=(RECEIPTS, REJECTED, INGESTED), joins=(name_group("ingest"),)
    ),
    "images": Rights(
        reads=(INGESTED, WANTED),
        writes=(WANTED, ENRICHED, REJECTED),
        joins=(name_group("images"), name_group("images.fetch")),
    ),
    "related": Rights(
        reads=(INGESTED,),
        writes=(ENRICHED, STORIES_LOG, STORIES_STATE, REJECTED),
        joins=(name_group("related"),),
    ),
    "publishing": Rights(
        reads=(ENRICHED,),
        writes=(ENRICHED, *_PUBLIC, REJECTED),
        joins=(name_group("publishing"),),
    ),
    "web": Rights(reads=(RECEIPTS,), writes=(SEEDS,)),
    "operator": Rights(
        reads=_ALL,
        writes=_ALL,
        creates=_ALL,
        watches=tuple(name_group(stage) for stage, _ in STAGES),
    ),
    "submitter": Rights(reads=(RECEIPTS,), writes=(SEEDS,), is_ours=False),
    "consumer": Rights(reads=_PUBLIC, joins=("consumer.*",), is_ours=False),
}
"""By principal, without the prefix. The last two are examples for other teams."""


@dataclass(frozen=True)
class Grant:
    """One rule: the principal may do *operation* on the resource. A name may end in `*`."""

    principal: str
    operation: str
    resource: str  # topic or group
    name: str


def list_grants(prefix: str = DEFAULT_PREFIX) -> list[Grant]:
    """Every rule, by principal."""
    grants: list[Grant] = []
    for role, rights in RIGHTS.items():
        grants += _list_grants(f"User:{prefix}{role}", rights)
    return grants


def format_command(grant: Grant, bootstrap: str) -> str:
    """The kafka-acls command that adds the rule; repeating it changes nothing."""
    is_prefix = grant.name.endswith("*")
    words = [
        "kafka-acls.sh",
        *("--bootstrap-server", bootstrap),
        "--add",
        *("--allow-principal", grant.principal),
        *("--operation", grant.operation),
        *(f"--{grant.resource}", grant.name.removesuffix("*")),
    ]
    if is_prefix:
        words += ["--resource-pattern-type", "prefixed"]
    return shlex.join(words)


def _list_grants(principal: str, rights: Rights) -> Iterator[Grant]:
    described = _ALL if rights.is_ours else (*rights.reads, *rights.writes)
    for topic in described:
        yield Grant(principal, "Describe", "topic", topic)
    for topic in rights.reads:
        yield Grant(principal, "Read", "topic", topic)
    for topic in rights.writes:
        yield Grant(principal, "Write", "topic", topic)
    for topic in rights.creates:
        yield Grant(principal, "Create", "topic", topic)
    for group in rights.joins:
        yield Grant(principal, "Read", "group", group)
    for group in rights.watches:
        yield Grant(principal, "Describe", "group", group)
