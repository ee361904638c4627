"""`seedwire upgrade`, `rebuild --dry-run`, `backfill --dry-run` and `acls`: what they print."""

from datetime import UTC, datetime
from pathlib import Path

from services.console.actions.operations.acls import RIGHTS, list_grants
from shared.events.topics import load_topics
from shared.store import DecisionWrite, Store
from shared.store.layout import SCHEMA, STEPS
from tests.contract.store.builders import a_decision, a_first_write, a_heartbeat, a_revision
from tests.unit.console.newsroom import Newsroom, make_seed


class TestUpgrade:
    def test_it_shows_the_steps_and_changes_nothing(self, newsroom: Newsroom):
        (state,) = newsroom.read_json("upgrade")
        assert [step["number"] for step in state["steps"]] == [*STEPS]
        assert all(step["applied"] for step in state["steps"])
        assert not state["finished"]

    def test_it_finishes_when_no_older_worker_is_left(self, newsroom: Newsroom):
        finished = newsroom.run("upgrade", "--finish")
        assert finished.exit_code == 0
        assert f"versions that do not know step {SCHEMA} are refused" in finished.stdout

    def test_an_older_worker_is_named_and_holds_it_back(self, newsroom: Newsroom):
        async def save(store: Store) -> None:
            await store.workers.save_heartbeat(a_heartbeat("images-9", at=datetime.now(UTC)))

        newsroom.use_store(save)
        refused = newsroom.run("upgrade", "--finish")
        assert refused.exit_code == 1
        assert "images-9 (working)" in refused.stderr
        (state,) = newsroom.read_json("upgrade")
        assert not state["finished"]


def test_a_dry_run_of_rebuild_counts(newsroom: Newsroom):
    async def publish(store: Store) -> None:
        revision = a_revision()
        decision = a_decision(revision=1, published=True, latest=revision)
        await store.articles.save([a_first_write()])
        await store.decisions.save([DecisionWrite(decision, 0, revision)])

    newsroom.use_store(publish)
    (counts,) = newsroom.read_json("rebuild", "--dry-run")
    assert counts == {"articles": 1, "stories": 0, "sent": False}


def test_a_dry_run_of_backfill_names_faults_and_needs_no_kafka(newsroom: Newsroom, tmp_path: Path):
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "good.md").write_bytes(make_seed("a", []))
    (folder / "bad.md").write_text("no seed")
    preview = newsroom.run("backfill", str(folder), "--dry-run")
    assert preview.exit_code == 1
    assert "bad.md: " in preview.stderr
    assert "2 files would be dropped" in preview.stdout


class TestAcls:
    def test_each_line_is_one_rule(self, newsroom: Newsroom):
        printed = newsroom.run("acls", "--prefix", "news-").stdout.splitlines()
        assert len(printed) == len(list_grants())
        expected = "--add --allow-principal User:news-ingest --operation Read --topic seeds"
        assert f"kafka-acls.sh --bootstrap-server localhost:9092 {expected}" in printed

    def test_every_topic_has_a_writer_and_nobody_but_the_operator_creates(self):
        written = {name for rights in RIGHTS.values() for name in rights.writes}
        assert written == {topic.name for topic in load_topics()}
        assert [role for role, rights in RIGHTS.items() if rights.creates] == ["operator"]

    def test_others_may_write_nothing_but_seeds(self):
        others = [rights for rights in RIGHTS.values() if not rights.is_ours]
        assert {name for rights in others for name in rights.writes} == {"seeds"}
