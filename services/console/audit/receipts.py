"""What became of every drop: one answer each, rejected ones kept with their bytes. Folds are pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from services.console.audit.breaches import Breach, Place, Promise, kept_in
from services.console.audit.published_log import digest, place_of
from services.console.audit.repair_actions import Tell
from shared.broker.records import Record
from shared.store import Rejected

ORIGIN: Final = ("seedwire-record", "seedwire-service", "seedwire-causes")
"""Headers that stand behind the original ones in `seeds.rejected`."""

REJECTED = kept_in("rejected")


@dataclass(frozen=True)
class Answer:
    """What receipts say of one drop."""

    status: str
    article_id: str
    said: int  # stands for all the receipt says


class Receipts:
    """`seeds.receipts`, folded by drop: some hundred bytes each."""

    def __init__(self) -> None:
        self.answers: dict[tuple[int, int], Answer] = {}
        self.breaches: list[Breach] = []

    def fold(self, record: Record) -> None:
        try:
            said = json.loads(record.value or b"")
            drop = (int(said["seed"]["partition"]), int(said["seed"]["offset"]))
            answer = Answer(str(said["status"]), str(said["articleId"] or ""), hash(_text(said)))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            sentence = f"a record that no service of ours writes: {error!r}"
            self.breaches.append(Breach(Promise.OURS, "", sentence, place_of(record)))
            return
        before = self.answers.setdefault(drop, answer)
        if before != answer:
            sentence = f"the drop {drop[0]}/{drop[1]} was answered {before.status}, and later {answer.status} or otherwise"
            self.breaches.append(
                Breach(Promise.RECEIPTS, answer.article_id, sentence, place_of(record))
            )

    def judge(self, seed: Record, kept: "Kept") -> Iterator[Breach]:
        """A drop that was taken in: it has its answer, and is kept if it was rejected."""
        answer = self.answers.get((seed.partition, seed.offset))
        if answer is None:
            yield Breach(
                Promise.RECEIPTS, "", "a drop that was taken in has no receipt", place_of(seed)
            )
        elif answer.status == "rejected":
            there = kept.digests.get(seed.id)
            if there is None:
                sentence = f"the rejected drop {seed.id} is not in the store"
                yield Breach(Promise.REJECTED, "", sentence, place_of(seed))
            elif there != digest(seed.key, seed.value, seed.headers):
                sentence = f"the rejected drop {seed.id} has other bytes in the store"
                yield Breach(Promise.REJECTED, "", sentence, REJECTED)


def _text(said: Any) -> str:
    return json.dumps(said, sort_keys=True)


class Kept:
    """Rejected records of the store, as digests by id; and which of them `seeds.rejected` tells of."""

    def __init__(self) -> None:
        self.digests: dict[str, bytes] = {}
        self.told: set[str] = set()
        self.breaches: list[Breach] = []

    def add(self, one: Rejected) -> None:
        self.digests[one.id] = digest(one.key, one.value, one.headers)

    def fold(self, record: Record) -> None:
        """A record of `seeds.rejected`: it is in the store, with the same bytes."""
        record_id = origin(record)
        if record_id is None:
            sentence = "a record that no service of ours writes: it has no seedwire-record"
            self.breaches.append(Breach(Promise.OURS, "", sentence, place_of(record)))
            return
        self.told.add(record_id)
        there = self.digests.get(record_id)
        if there is None:
            sentence = f"the rejected record {record_id} is not in the store"
            self.breaches.append(Breach(Promise.REJECTED, "", sentence, place_of(record)))
        elif there not in _originals(record):
            sentence = f"the rejected record {record_id} has other bytes in the store"
            self.breaches.append(Breach(Promise.REJECTED, "", sentence, REJECTED))

    def untold(self, one: Rejected, cluster: str) -> Iterator[Breach]:
        """A record of the store that this cluster's `seeds.rejected` should tell of."""
        if one.id not in self.told and one.id.startswith(f"{cluster}/"):
            sentence = f"the rejected record {one.id} is not in seeds.rejected"
            yield Breach(Promise.REJECTED, "", sentence, REJECTED, Tell(one))


def origin(record: Record) -> str | None:
    """The id of the record that was refused: the last header of that name, as a record may bring its own."""
    return next(
        (
            v.decode(errors="replace")
            for k, v in reversed(record.headers)
            if k == ORIGIN[0] and v is not None
        ),
        None,
    )


def _originals(record: Record) -> list[bytes]:
    """Digests of what may have been refused: an empty value may stand for a null one."""
    headers = record.headers[: -len(ORIGIN)]
    values = [record.value, None] if record.key is None and record.value == b"" else [record.value]
    return [digest(record.key, value, headers) for value in values]


def unknown_article(article_id: str, place: Place) -> Breach:
    return Breach(
        Promise.RECEIPTS, article_id, "a receipt names it, but it is not in the store", place
    )
