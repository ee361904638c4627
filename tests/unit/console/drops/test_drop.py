"""Which receipts a seed dropper accepts as answers to its drops."""

import json
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from services.console.actions.drops.drop_from_page import name_subjects
from services.console.actions.drops.dropper import SeedDropper
from shared.article import derive_article_id
from shared.drops.receipt_inbox import ReceiptInbox
from shared.drops.seed import Position, Seed, Sent
from shared.errors import KafkaUnavailable
from shared.store.ports.operations.history import MAX_ACT_SUBJECTS

DROP = Sent(Seed("a.md", b"text"), Position(0, 7))


class FakeConsumer:
    """Returns these records once."""

    def __init__(self, records: Sequence[object]) -> None:
        self._records = [*records]

    async def getmany(self, timeout_ms: int) -> dict[str, list[object]]:
        records, self._records = self._records, []
        return {"receipts": records}


def make_receipt(cluster: str, article_id: str) -> object:
    data = {
        "seed": {"partition": 0, "offset": 7},
        "path": "a.md",
        "status": "accepted",
        "articleId": article_id,
        "errors": [],
    }
    return SimpleNamespace(
        value=json.dumps(data).encode(),
        headers=[("ce_id", f"receipt.{cluster}/seeds/0/7".encode())],
    )


def make_dropper(*receipts: object, current_cluster: str = "ours") -> SeedDropper:
    async def fetch_current_cluster() -> str:
        return current_cluster

    consumer = FakeConsumer(receipts)
    inbox = ReceiptInbox(consumer, "ours")  # type: ignore[arg-type]
    return SeedDropper(None, inbox, "ours", fetch_current_cluster)  # type: ignore[arg-type]


async def test_a_receipt_answers_its_drop():
    (answer,) = await make_dropper(make_receipt("ours", "a1")).wait_for_receipts([DROP], 0.1)
    assert (answer.path, answer.status, answer.article_id) == ("a.md", "accepted", "a1")


async def test_a_receipt_from_another_cluster_answers_another_drop():
    dropper = make_dropper(make_receipt("new", "a2"), current_cluster="new")
    with pytest.raises(KafkaUnavailable, match="drop them again"):
        await dropper.wait_for_receipts([DROP], 0.1)


async def test_without_a_receipt_a_drop_stays_sent():
    (answer,) = await make_dropper().wait_for_receipts([DROP], 0.1)
    assert answer.status == "sent"


def test_an_act_names_the_articles_of_its_seeds_and_tells_other_seeds_apart():
    seed = b"---\ntitle: A\nwebUrl: https://paper.example/a\n---\n"
    digest, article_id = name_subjects([Seed("a.md", seed)])
    assert article_id == derive_article_id("paper.example/a")
    other, again = name_subjects([Seed("b.md", seed.replace(b"title: A", b"title: B"))])
    assert again == article_id
    assert other != digest


def test_what_tells_many_seeds_from_others_is_kept_with_the_act():
    seeds = [make_seed(number, "A") for number in range(MAX_ACT_SUBJECTS + 1)]
    others = [*seeds[:-1], make_seed(MAX_ACT_SUBJECTS, "B")]
    kept = name_subjects(seeds)[:MAX_ACT_SUBJECTS]
    assert kept != name_subjects(others)[:MAX_ACT_SUBJECTS]


def make_seed(number: int, title: str) -> Seed:
    url = f"https://paper.example/{number}"
    return Seed(f"{number}.md", f"---\ntitle: {title}\nwebUrl: {url}\n---\n".encode())


def test_a_seed_without_an_address_is_known_by_its_content():
    (subject,) = name_subjects([Seed("a.md", b"junk")])
    assert subject.startswith("content ")
