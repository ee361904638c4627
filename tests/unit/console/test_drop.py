"""What a dropper believes of the receipts that it hears."""

import json
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from services.console.actions.drop import Dropper
from services.console.actions.seed_files import SeedFile
from shared.errors import BrokerAway

SEED = SeedFile("a.md", b"text")


class Heard:
    """In the place of the consumer: hands out these receipts once."""

    def __init__(self, records: Sequence[object]) -> None:
        self._records = [*records]

    async def getmany(self, timeout_ms: int) -> dict[str, list[object]]:
        records, self._records = self._records, []
        return {"receipts": records}


def receipt(cluster: str, article_id: str) -> object:
    said = {
        "seed": {"partition": 0, "offset": 7},
        "path": "a.md",
        "status": "accepted",
        "articleId": article_id,
    }
    return SimpleNamespace(
        value=json.dumps(said | {"errors": []}).encode(),
        headers=[("ce_id", f"receipt.{cluster}/seeds/0/7".encode())],
    )


def dropper(*heard: object, present: str = "ours") -> Dropper:
    async def cluster() -> str:
        return present

    return Dropper(None, Heard(heard), "ours", cluster)  # type: ignore[arg-type]  # nothing is sent


async def test_a_drop_is_answered_by_its_receipt():
    (answer,) = await dropper(receipt("ours", "a1")).receipts([(SEED, (0, 7))], 0.1)
    assert (answer.path, answer.status, answer.article_id) == ("a.md", "accepted", "a1")


async def test_a_receipt_of_another_cluster_is_of_another_drop():
    with pytest.raises(BrokerAway, match="drop them again"):
        await dropper(receipt("new", "a2"), present="new").receipts([(SEED, (0, 7))], 0.1)


async def test_without_a_receipt_it_stays_sent():
    (answer,) = await dropper().receipts([(SEED, (0, 7))], 0.1)
    assert answer.status == "sent"
