"""Backfills: the order of files, the pace, and going on after the process was killed."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from services.console.actions.checkpoint import Checkpoint
from services.console.actions.drops.backfill import (
    Backfill,
    BackfillReport,
    find_checkpoint,
    preview_backfill,
)
from services.console.actions.drops.backfill_files import load_chunk, walk_seed_files
from services.console.actions.drops.backfill_pace import FIRST, LARGEST, SMALLEST, Pace
from shared.drops.receipt import Receipt
from shared.drops.seed import Position, Seed, Sent
from shared.errors import KafkaUnavailable, SettingsError
from shared.settings import Settings

SEED = """---
title: "{name}"
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://paper.example/{name}"
---
"""


def write_seeds(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(SEED.format(name=name))


class TestFiles:
    NAMES = ("a.md", "z.md", "b/1.md", "b/c/2.md", "b-b/3.markdown")

    def test_every_seed_file_comes_in_one_order(self, tmp_path: Path):
        write_seeds(tmp_path, *self.NAMES, "README.md", ".hidden.md", ".git/x.md", "b/note.txt")
        found = list(walk_seed_files(tmp_path))
        assert found == ["a.md", "z.md", "b/1.md", "b/c/2.md", "b-b/3.markdown"]

    @pytest.mark.parametrize("number", range(len(NAMES)))
    def test_from_any_place_on_the_rest_comes(self, tmp_path: Path, number: int):
        write_seeds(tmp_path, *self.NAMES)
        found = list(walk_seed_files(tmp_path))
        assert list(walk_seed_files(tmp_path, found[number])) == found[number + 1 :]

    def test_a_file_that_cannot_be_read_is_answered_and_stops_nothing(self, tmp_path: Path):
        write_seeds(tmp_path, "a.md", "c.md")
        paths = iter(["a.md", "gone.md", "c.md"])
        taken, seeds, unreadable = load_chunk(tmp_path, paths, 10)
        assert taken == ["a.md", "gone.md", "c.md"]
        assert [seed.path for seed in seeds] == ["a.md", "c.md"]
        assert [(receipt.path, receipt.status) for receipt in unreadable] == [
            ("gone.md", "rejected")
        ]

    def test_large_files_make_small_chunks(self, tmp_path: Path):
        for name in ("1.md", "2.md", "3.md"):
            (tmp_path / name).write_bytes(b"x" * 5_000_000)
        taken, _, _ = load_chunk(tmp_path, walk_seed_files(tmp_path), 10)
        assert taken == ["1.md", "2.md"]


class TestPace:
    def test_it_grows_while_nobody_waits(self):
        pace = Pace(5)
        for _ in range(20):
            pace = pace.after(0)
        assert pace.size == LARGEST

    def test_it_halves_where_live_drops_wait_too_long(self):
        assert Pace(5).after(5.1).size == FIRST // 2
        pace = Pace(5)
        for _ in range(20):
            pace = pace.after(60)
        assert pace.size == SMALLEST

    def test_in_between_it_stays(self):
        assert Pace(5).after(4) == Pace(5)


class Killed(BaseException):
    """The process ends here."""


class FakeIngest:
    """Answers every drop, and dies at the send of a number."""

    def __init__(self, dies_at: int = 0, status: str = "accepted") -> None:
        self.paths: list[str] = []
        self._remaining = dies_at
        self._status = status

    async def send(self, seeds: Sequence[Seed]) -> list[Sent]:
        self._remaining -= 1
        self.paths += [seed.path for seed in seeds]
        if self._remaining == 0:
            raise Killed
        return [Sent(seed, Position(0, number)) for number, seed in enumerate(seeds)]

    async def wait_for_receipts(self, sent: Sequence[Sent], timeout: float) -> list[Receipt]:
        return [Receipt(drop.seed.path, self._status) for drop in sent]


class Delays:
    """What a live drop would wait, look by look; at last nothing."""

    def __init__(self, *delays: float) -> None:
        self._delays = [*delays]

    async def measure(self) -> float:
        return self._delays.pop(0) if self._delays else 0.0


def build(folder: Path, ingest: FakeIngest, delays: Delays | None = None) -> Backfill:
    checkpoint = Checkpoint(folder.parent / "place.json")
    measure = (delays or Delays()).measure
    return Backfill(folder, checkpoint, ingest, measure, Pace(5, 10), lambda report, receipts: None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    write_seeds(folder, *(f"{number:03}.md" for number in range(95)))
    return folder


class TestBackfill:
    async def test_each_file_is_dropped_once(self, folder: Path):
        ingest = FakeIngest()
        report = await build(folder, ingest).run()
        assert ingest.paths == [f"{number:03}.md" for number in range(95)]
        assert (report.done, report.total, report.statuses["accepted"]) == (95, 95, 95)

    async def test_killed_in_the_middle_it_goes_on_with_that_chunk(self, folder: Path):
        killed, second = FakeIngest(dies_at=3), FakeIngest()
        with pytest.raises(Killed):
            await build(folder, killed).run()
        report = await build(folder, second).run()
        assert sorted({*killed.paths, *second.paths}) == [f"{n:03}.md" for n in range(95)]
        assert second.paths[0] in killed.paths[20:]  # of the chunk that was not answered
        assert report.done == 95

    async def test_after_the_end_it_begins_anew(self, folder: Path):
        await build(folder, FakeIngest()).run()
        again = FakeIngest(status="unchanged")
        report = await build(folder, again).run()
        assert report.statuses["unchanged"] == 95

    async def test_it_waits_while_live_drops_wait(self, folder: Path):
        delays = Delays(0, 60, 60, 0)
        sizes: list[tuple[int, bool]] = []

        def watch(report: BackfillReport, receipts: Sequence[Receipt]) -> None:
            sizes.append((len(receipts), report.is_waiting))

        work = Backfill(
            folder,
            Checkpoint(folder.parent / "place.json"),
            FakeIngest(),
            delays.measure,
            Pace(5, 20),
            watch,
            check_interval=0,
        )
        await work.run()
        assert sizes[:4] == [(40, False), (0, True), (0, True), (20, False)]

    async def test_an_unanswered_chunk_ends_it_and_is_dropped_again(self, folder: Path):
        with pytest.raises(KafkaUnavailable, match="were not answered"):
            await build(folder, FakeIngest(status="sent")).run()
        again = FakeIngest()
        await build(folder, again).run()
        assert again.paths[0] == "000.md"

    def test_a_dry_run_names_what_is_no_seed(self, folder: Path, tmp_path: Path):
        (folder / "050.md").write_text("no seed")
        preview = preview_backfill(Settings(home=tmp_path), folder)
        assert preview.files == 95
        assert [fault.partition(":")[0] for fault in preview.faults] == ["050.md"]

    def test_two_runs_over_one_folder_at_a_time_are_refused(self, folder: Path, tmp_path: Path):
        checkpoint = find_checkpoint(Settings(home=tmp_path), folder)
        with (
            checkpoint.hold(),
            pytest.raises(SettingsError, match="another process"),
            checkpoint.hold(),
        ):
            pass

    def test_a_backfill_into_another_kafka_or_store_begins_anew(self, folder: Path, tmp_path: Path):
        first = find_checkpoint(Settings(home=tmp_path), folder)
        with first.hold():
            first.save({"after": "050.md", "done": 51})
        assert find_checkpoint(Settings(home=tmp_path), folder).load()["done"] == 51
        other_store = Settings(home=tmp_path, store="mongodb://other.example/seedwire")
        assert find_checkpoint(other_store, folder).load() == {}
        other_kafka = Settings(home=tmp_path, kafka="other.example:9092")
        assert find_checkpoint(other_kafka, folder).load() == {}
