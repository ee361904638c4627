"""A batch of drops in the store."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from services.ingest.batch_save import save_drops
from services.ingest.drop_outcome import MAX_TWINS, MIN_REMEMBERED
from services.ingest.seed_record import ValidDrop, parse_drop
from shared.article import is_twin
from shared.broker.records import Record
from shared.store import DecisionWrite, connect
from tests.contract.store.builders import a_decision

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


async def test_of_an_article_with_many_texts_the_earliest_name_nothing_any_more(tmp_path: Path):
    drops = [drop_version(number) for number in range(MAX_TWINS + 30)]
    store = connect(f"sqlite:///{tmp_path}/seedwire.db")
    await store.open()
    for part in (drops[:70], drops[70:], drops[:70]):  # the last one is delivered again
        await save_drops(part, store, lambda: NOW)
    (article,) = await store.articles.list_page()
    known = await store.articles.list_aliases()
    await store.close()
    assert {owned.alias for owned in known} == {*article.aliases}
    assert len([alias for alias in article.aliases if is_twin(alias)]) == MAX_TWINS
    assert {*drops[-1].aliases} <= {*article.aliases}


async def test_an_article_that_was_deleted_goes_on_after_the_version_that_was_decided(
    tmp_path: Path,
):
    """Other processes may still know what its versions contained."""
    path = tmp_path / "seedwire.db"
    store = connect(f"sqlite:///{path}")
    await store.open()
    (first,) = await save_drops([drop_version(1)], store, lambda: NOW)
    decision = replace(a_decision(first.article.id), version=4)
    await store.decisions.save([DecisionWrite(decision, 0)])
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM articles")
    connection.close()
    (again,) = await save_drops([drop_version(2)], store, lambda: NOW)
    await store.close()
    assert (again.status, again.article.id) == ("accepted", first.article.id)
    assert again.article.version == 5
