"""What becomes of a batch of seeds in the store."""

from datetime import UTC, datetime

from services.ingest.batch_save import save_seeds
from services.ingest.drop_outcome import REMEMBERED
from services.ingest.seed_record import Seed, read
from shared.broker.records import Record
from shared.store import connect

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def version(number: int) -> Seed:
    content = (
        f'---\ntitle: "Dock strike, day {number}"\npublishedDateTime: 2026-03-02T10:00:00Z\n'
        'webUrl: "https://paper.example/a"\nsecured: "YQ==;Yg=="\n---\n'
    )
    drop = read(Record("c", "seeds", 0, number, NOW, None, content.encode()))
    assert isinstance(drop, Seed)
    return drop


async def test_a_batch_that_comes_again_is_answered_as_it_was_however_large_and_however_cut(
    tmp_path,
):
    batch = [version(number) for number in range(3 * REMEMBERED)]
    store = connect(f"sqlite:///{tmp_path}/seedwire.db")
    await store.open()
    first = [answer.status for answer in await save_seeds(batch, store, lambda: NOW)]
    pieces = [batch[:5], batch[5:]]
    again = [
        answer.status for piece in pieces for answer in await save_seeds(piece, store, lambda: NOW)
    ]
    await store.close()
    assert first == again == ["accepted"] + ["updated"] * (len(batch) - 1)
