"""The audit finds every damage to store or topics, names its article, and repairs what it can."""

import sqlite3
from pathlib import Path

import pytest

from services.console.actions.operations.status import load_status
from services.console.audit import Breach, Promise, Report
from services.console.audit.repairs.repair import repair
from shared.article import derive_article_id
from shared.broker.records import Record
from shared.clock import now
from shared.events.article_events import build_article_enriched
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE, REJECTED, SEEDS
from shared.store.failed_tasks import MAX_ATTEMPTS, count_failure
from tests.conftest import start_embedded_broker
from tests.integration.audit.newsroom import URL, Newsroom, newsroom, picture, seed

pytestmark = pytest.mark.embedded


def damage(room: Newsroom, statement: str, *values: object) -> None:
    """Write to the store's database directly."""
    with sqlite3.connect(room.settings.home / "seedwire.db") as connection:
        assert connection.execute(statement, values).rowcount >= 1
    connection.close()


def breaches_of(report: Report) -> set[tuple[Promise, str]]:
    return {(breach.promise, breach.article_id) for breach in report.breaches}


def only_breach(report: Report, promise: Promise) -> Breach:
    (found,) = [breach for breach in report.breaches if breach.promise == promise]
    return found


async def pictures_of(room: Newsroom) -> list[Path]:
    return [
        file for file in (room.settings.home / "seedwire.db.pictures").rglob("*") if file.is_file()
    ]


class TestTheStore:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE listings SET heat = 7, published = 0 WHERE article = ?",
            "UPDATE listings SET title = 'another' WHERE article = ?",
            "DELETE FROM listings WHERE article = ?",
        ],
    )
    async def test_a_listing_that_says_something_else_is_written_anew(
        self, full: Newsroom, statement: str
    ):
        lead = await full.find_id("lead")
        before = await full.store.listings.get([lead])
        damage(full, statement, lead)
        report = await full.audit()
        assert breaches_of(report) == {(Promise.LISTED, lead)}
        await repair(report, full.settings, full.store, dry_run=False)
        assert await full.store.listings.get([lead]) == before
        assert (await full.audit()).breaches == ()

    async def test_an_article_deleted_by_hand(self, full: Newsroom):
        lead = await full.find_id("lead")
        damage(full, "DELETE FROM articles WHERE id = ?", lead)
        report = await full.audit()
        assert breaches_of(report) >= {
            (Promise.SAVED, lead),
            (Promise.STORE, lead),
            (Promise.ALIASES, lead),
            (Promise.RECEIPTS, lead),
            (Promise.RELATIONS, await full.find_id("second")),
            (Promise.LEAD, await full.find_id("second")),
        }

    async def test_a_deleted_article_returns_with_its_seed_and_continues_its_revisions(
        self, full: Newsroom
    ):
        other = await full.find_id("other")
        damage(full, "DELETE FROM articles WHERE id = ?", other)
        await full.drop(seed("other", 76, "Comet Vaskell brightens in the northern sky"))
        await full.work()
        assert (await full.audit()).found == ()
        assert (await full.store.decisions.get([other]))[other].revision == 2

    async def test_a_decision_deleted_by_hand_is_restored(self, full: Newsroom):
        lead = await full.find_id("lead")
        before = (await full.store.decisions.get([lead]))[lead]
        damage(full, "DELETE FROM decisions WHERE article = ?", lead)
        assert breaches_of(await full.audit()) >= {(Promise.DECIDED, lead), (Promise.SAVED, lead)}
        await full.repair()
        assert (await full.audit()).found == ()
        after = (await full.store.decisions.get([lead]))[lead]
        assert (after.latest, after.shown, after.heat, after.lead) == (
            before.latest,
            before.shown,
            before.heat,
            before.lead,
        )

    async def test_the_decision_of_a_retracted_article_is_restored(self, full: Newsroom):
        other = await full.find_id("other")
        await full.drop(seed("other", 20, "Comet Vaskell brightens in the northern sky"))
        await full.work()
        damage(full, "DELETE FROM decisions WHERE article = ?", other)
        await full.repair()
        assert (await full.audit()).found == ()
        assert (await full.store.decisions.get([other]))[other].revision == 2

    async def test_a_decision_on_an_older_version(self, full: Newsroom):
        other = await full.find_id("other")
        damage(full, "UPDATE decisions SET version = 7 WHERE article = ?", other)
        assert breaches_of(await full.audit()) == {(Promise.DECIDED, other)}
        await full.repair()
        assert (await full.audit()).found == ()

    async def test_a_dirty_mark_is_pending_and_becomes_a_breach_with_age(self, full: Newsroom):
        await full.store.neighbourhoods.mark_dirty([await full.find_id("other")], now())
        report = await full.audit()
        assert (report.breaches, len(report.pending)) == ((), 1)
        damage(full, "UPDATE unsettled SET since = 0")
        assert breaches_of(await full.audit()) == {(Promise.DECIDED, "")}

    async def test_a_pending_task_is_pending_and_becomes_a_breach_with_age(self, full: Newsroom):
        other = await full.find_id("other")
        damage(full, "INSERT INTO pending VALUES (?, 'related', 1)", other)
        await full.store.articles.touch([other])
        report = await full.audit()
        assert breaches_of(report) == {
            (Promise.DECIDED, other)
        }  # since 1970, and its service is idle
        damage(full, "UPDATE pending SET since = 9000000000000000")
        report = await full.audit()
        assert (report.breaches, len(report.pending)) == ((), 1)
        assert (report.is_clean(), report.is_clean(while_running=True)) == (False, True)
        await full.repair()
        assert (await full.audit()).found == ()

    async def test_a_decision_that_fails_is_pending_and_becomes_a_breach_once_it_is_set_aside(
        self, full: Newsroom
    ):
        other = await full.find_id("other")
        await full.store.articles.touch([other])
        await count_failure("decision", other, "ValueError()", "c/t/0/7", full.store, now())
        (pending,) = (await full.audit()).pending
        assert pending.article_id == other
        assert "deciding it failed once, last because ValueError(); it is tried" in str(
            pending.sentence
        )
        for _ in range(MAX_ATTEMPTS - 1):
            await count_failure("decision", other, "ValueError()", "", full.store, now())
        breach = only_breach(await full.audit(), Promise.DECIDED)
        assert "it is set aside: `seedwire rejected redrive c/t/0/7` tries" in breach.sentence
        (sentence,) = (await load_status(full.settings)).set_aside
        assert sentence.startswith(f"{other}: deciding it failed 5 times")
        await full.repair()
        assert (await full.audit()).found == ()

    async def test_a_stale_publication(self, full: Newsroom):
        lead = await full.find_id("lead")
        damage(full, "UPDATE decisions SET shown = 'other' WHERE article = ?", lead)
        assert breaches_of(await full.audit()) == {(Promise.CURRENT, lead)}
        await full.repair()
        assert (await full.audit()).found == ()

    async def test_a_missing_alias(self, full: Newsroom):
        damage(full, "DELETE FROM aliases WHERE alias = 'paper.example/other'")
        report = await full.audit()
        other = only_breach(report, Promise.ALIASES).article_id
        assert breaches_of(report) == {(Promise.ALIASES, other)}
        await full.repair()
        assert (await full.audit()).found == ()
        assert await full.find_id("other") == other

    async def test_an_alias_that_no_article_lists(self, full: Newsroom):
        other = await full.find_id("other")
        damage(
            full,
            "INSERT INTO aliases VALUES ('paper.example/x', ?), ('paper.example/y', 'nobody')",
            other,
        )
        assert breaches_of(await full.audit()) == {
            (Promise.ALIASES, other),
            (Promise.ALIASES, "nobody"),
        }

    async def test_a_relation_written_the_wrong_way_round(self, full: Newsroom):
        damage(full, "UPDATE links SET a = b, b = a")
        promises = {breach.promise for breach in (await full.audit()).breaches}
        assert promises == {Promise.RELATIONS}

    async def test_a_rejected_record_with_other_bytes(self, full: Newsroom):
        await full.drop(b"no seed")
        await full.work()
        assert (await full.audit()).found == ()
        damage(full, "UPDATE rejected SET value = CAST('other' AS BLOB)")
        assert {b.promise for b in (await full.audit()).breaches} == {Promise.REJECTED}
        damage(full, "DELETE FROM rejected")
        assert {b.promise for b in (await full.audit()).breaches} == {Promise.REJECTED}


class TestPictures:
    async def test_changed_bytes_are_fetched_again(self, full: Newsroom):
        (file,) = await pictures_of(full)
        file.write_bytes(file.read_bytes()[:-1] + b"\x00")
        await self.assert_repaired(full)

    async def test_bytes_that_were_cut_short(self, full: Newsroom):
        (file,) = await pictures_of(full)
        file.write_bytes(file.read_bytes()[:20])
        await self.assert_repaired(full)

    async def test_bytes_that_are_gone(self, full: Newsroom):
        (file,) = await pictures_of(full)
        file.unlink()
        await self.assert_repaired(full)

    async def test_a_wrong_width_is_corrected(self, full: Newsroom):
        damage(full, "UPDATE pictures SET width = 41")
        await self.assert_repaired(full)
        assert (await full.store.pictures.get([URL]))[URL].width == 40

    async def test_a_picture_without_an_outcome(self, full: Newsroom):
        damage(full, "DELETE FROM pictures")
        await self.assert_repaired(full)

    async def test_a_picture_that_has_changed_at_its_host_is_shown_as_it_is_now(
        self, full: Newsroom
    ):
        (file,) = await pictures_of(full)
        file.unlink()
        full.pictures[URL] = picture(64, 48)
        await self.assert_repaired(full)
        assert (await full.store.pictures.get([URL]))[URL].width == 64

    async def assert_repaired(self, full: Newsroom) -> None:
        report = await full.audit()
        assert (Promise.PICTURES, await full.find_id("lead")) in breaches_of(report)
        await full.repair()
        await full.work()
        assert (await full.audit()).found == ()


class TestTheTopics:
    async def test_a_latest_revision_that_was_never_sent(self, full: Newsroom):
        other = await full.find_id("other")
        full.withheld = {(PUBLISHED_LOG, f"{other}.2"), (PUBLISHED_STATE, f"{other}.2")}
        await full.drop(seed("other", 77, "Comet Vaskell brightens in the northern sky"))
        await full.work()
        assert breaches_of(await full.audit()) == {
            (Promise.ANNOUNCED, other),
            (Promise.STATE, other),
        }
        full.withheld = set()
        planned = await full.repair(dry_run=True)
        assert {result.sentence for result in planned} == {
            "send revision 2 to published.log",
            "send revision 2 to published.state",
        }
        assert breaches_of(await full.audit()) == {
            (Promise.ANNOUNCED, other),
            (Promise.STATE, other),
        }
        await full.repair()
        assert (await full.audit()).found == ()

    async def test_a_revision_left_out_of_the_middle_stays_a_gap(self, full: Newsroom):
        other = await full.find_id("other")
        full.withheld = {(PUBLISHED_LOG, f"{other}.2")}
        for quality in (77, 78):
            await full.drop(seed("other", quality, "Comet Vaskell brightens in the northern sky"))
            await full.work()
        gap = only_breach(await full.audit(), Promise.GAPLESS)
        assert (gap.article_id, gap.sentence) == (other, "revision 2 is missing in published.log")
        await full.repair()
        assert breaches_of(await full.audit()) == {(Promise.GAPLESS, other)}

    async def test_a_missing_first_revision_in_the_cluster_that_created_the_article(
        self, full: Newsroom
    ):
        fresh = derive_article_id("paper.example/fresh")
        full.withheld = {(PUBLISHED_LOG, f"{fresh}.1")}
        await full.drop(seed("fresh", 80, "Barley harvest begins early in Wickenfell"))
        await full.work()
        full.withheld = set()
        await full.drop(seed("fresh", 81, "Barley harvest begins early in Wickenfell"))
        await full.work()
        assert breaches_of(await full.audit()) == {(Promise.GAPLESS, fresh)}

    async def test_a_retraction_without_its_tombstone(self, full: Newsroom):
        other = await full.find_id("other")
        full.withheld = {(PUBLISHED_STATE, f"{other}.2.tombstone")}
        await full.drop(seed("other", 20, "Comet Vaskell brightens in the northern sky"))
        await full.work()
        report = await full.audit()
        assert breaches_of(report) == {(Promise.STATE, other)}
        assert "no tombstone" in only_breach(report, Promise.STATE).sentence
        full.withheld = set()
        await full.repair()
        assert (await full.audit()).found == ()

    async def test_a_state_topic_that_ends_with_an_older_revision(self, full: Newsroom):
        other = await full.find_id("other")
        await full.drop(seed("other", 77, "Comet Vaskell brightens in the northern sky"))
        await full.work()
        old = next(
            r
            for r in await full.records(PUBLISHED_STATE)
            if dict(r.headers)["ce_id"] == f"{other}.1".encode()
        )
        await full.client.send_and_wait(
            PUBLISHED_STATE, old.value, key=old.key, headers=list(old.headers)
        )
        assert breaches_of(await full.audit()) == {(Promise.STATE, other)}
        await full.repair()
        assert (await full.audit()).found == ()

    async def test_a_repeat_is_no_breach(self, full: Newsroom):
        for record in await full.records(PUBLISHED_LOG):
            await full.client.send_and_wait(
                PUBLISHED_LOG, record.value, key=record.key, headers=list(record.headers)
            )
        assert (await full.audit()).found == ()

    async def test_the_same_id_with_other_bytes(self, full: Newsroom):
        record = (await full.records(PUBLISHED_LOG))[0]
        headers = [
            (name, b"nonsense" if name == "traceparent" else value)
            for name, value in record.headers
        ]
        await full.client.send_and_wait(
            PUBLISHED_LOG, record.value, key=record.key, headers=headers
        )
        assert breaches_of(await full.audit()) == {(Promise.SAME_BYTES, record.key.decode())}

    async def test_a_record_of_another_program(self, full: Newsroom):
        await full.client.send_and_wait(PUBLISHED_LOG, b"hello", key=b"somebody")
        assert breaches_of(await full.audit()) == {(Promise.OURS, "somebody")}

    async def test_a_revision_and_an_article_that_were_never_saved(self, full: Newsroom):
        other = await full.find_id("other")
        record = next(r for r in await full.records(PUBLISHED_LOG) if r.key == other.encode())
        for key, revision in ((other, 2), ("nobody", 1)):
            value = record.value.replace(other.encode(), key.encode()).replace(
                b'"revision":1', b'"revision":%d' % revision
            )
            headers = [
                (n, f"{key}.{revision}".encode() if n == "ce_id" else v) for n, v in record.headers
            ]
            await full.client.send_and_wait(PUBLISHED_LOG, value, key=key.encode(), headers=headers)
        assert breaches_of(await full.audit()) == {
            (Promise.SAVED, other),
            (Promise.SAVED, "nobody"),
        }

    async def test_a_drop_without_a_receipt(self, full: Newsroom):
        full.withheld = {
            ("seeds.receipts", f"receipt.{full.cluster}/seeds/{p}/{o}")
            for p in range(4)
            for o in range(9)
        }
        await full.drop(seed("silent", 10, "Night trams of Oldmere"))
        await full.work()
        assert [breach.promise for breach in (await full.audit()).breaches] == [Promise.RECEIPTS]

    async def test_a_rejection_that_was_not_announced_is_sent_again(self, full: Newsroom):
        await full.drop(b"no seed")
        (drop,) = [record for record in await full.records(SEEDS) if record.value == b"no seed"]
        place = f"{full.cluster}/{SEEDS}/{drop.partition}/{drop.offset}"
        full.withheld = {(REJECTED, f"rejected.{place}")}
        await full.work()
        assert [breach.promise for breach in (await full.audit()).breaches] == [Promise.REJECTED]
        full.withheld = set()
        await full.repair()
        assert (await full.audit()).found == ()

    async def test_what_is_due_is_pending_until_it_is_announced(self, full: Newsroom):
        other = await full.find_id("other")
        await full.drop(seed("other", 77, "Comet Vaskell brightens in the northern sky"))
        await full.work("ingest", "images", "related")
        lost = await full.publishing.handle(_records(full, other), full.store)
        assert lost
        report = await full.audit()
        assert breaches_of(report) == set()
        assert (Promise.ANNOUNCED, other) in {
            (breach.promise, breach.article_id) for breach in report.pending
        }
        await full.repair()
        assert (await full.audit()).found == ()


def _records(room: Newsroom, *ids: str) -> list:
    events = [build_article_enriched(article, "related", "x.v1") for article in ids]
    return [
        Record(room.cluster, e.topic, 0, n, now(), e.key, e.value, e.headers)
        for n, e in enumerate(events)
    ]


async def test_repairing_twice_does_no_harm(full: Newsroom):
    lead, other = await full.find_id("lead"), await full.find_id("other")
    damage(full, "DELETE FROM decisions WHERE article = ?", lead)
    damage(full, "UPDATE decisions SET shown = 'other' WHERE article = ?", other)
    damage(full, "UPDATE pictures SET width = 41")
    report = await full.audit()
    for _ in range(2):
        await repair(report, full.settings, full.store, dry_run=False)
    await full.work()
    assert (await full.audit()).found == ()


async def test_a_new_cluster_may_begin_with_later_revisions(full: Newsroom, tmp_path: Path):
    """Only the latest revisions are sent to its empty topics."""
    await full.drop(seed("other", 77, "Comet Vaskell brightens in the northern sky"))
    await full.work()
    with start_embedded_broker(tmp_path / "another") as environment:
        settings = full.settings.model_copy(update={"kafka": environment["SEEDWIRE_KAFKA"]})
        async with newsroom(settings) as room:
            assert {b.promise for b in (await room.audit()).breaches} == {
                Promise.ANNOUNCED,
                Promise.STATE,
            }
            for service in (room.related, room.publishing):
                async for page in service.resend(room.store):
                    await room.deliver(page)
            report = await room.audit()
            assert report.found == ()
            assert any("later revision than 1" in note for note in report.notes)
            await room.drop(seed("other", 78, "Comet Vaskell brightens in the northern sky"))
            await room.work()
            assert (await room.audit()).found == ()
