"""A batch of drops in the store."""

from datetime import UTC, datetime

from services.ingest.batch_save import save_drops
from services.ingest.drop_outcome import MIN_REMEMBERED
from services.ingest.seed_record import ValidDrop, parse_drop
from shared.broker.records import Record
from shared.store import connect

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def drop_version(number: int) -> ValidDrop:
    """A drop with this version of the article, at the offset of this number."""
    content = (
        f'---\ntitle: "Dock strike, day {number}"\npublishedDateTime: 2026-03-02T10:00:00Z\n'
        'webUrl: "https://paper.example/a"\nsecured: "YQ==;Yg=="\n---\n'
    )
    drop = parse_drop(Record("c", "seeds", 0, number, NOW, None, content.encode()))
    assert isinstance(drop, ValidDrop)
    return drop


async def test_a_redelivered_batch_gets_the_same_answers_however_large_it_is_and_however_split(
    tmp_path,
):
    batch = [drop_version(number) for number in range(3 * MIN_REMEMBERED)]
    store = connect(f"sqlite:///{tmp_path}/seedwire.db")
    await store.open()
    first = [saved.status for saved in await save_drops(batch, store, lambda: NOW)]
    again = []
    for part in (batch[:5], batch[5:]):
        again += [saved.status for saved in await save_drops(part, store, lambda: NOW)]
    await store.close()
    assert first == again == ["accepted"] + ["updated"] * (len(batch) - 1)
