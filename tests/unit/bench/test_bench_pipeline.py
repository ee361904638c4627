"""The table of `make bench`: what it is made of runs, on a few articles. Nothing is timed."""

from pathlib import Path

import pytest

from shared.article import parse_seed
from tests.bench.pipeline.builds.floor import HANDLERS, ingest, parse, publish
from tests.bench.pipeline.builds.floor_store import SqliteFloor
from tests.bench.pipeline.harness.processes import ROOT
from tests.bench.pipeline.harness.seeds import build_seeds
from tests.bench.pipeline.page.machine import describe_machine
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.page.table import Figure, Section
from tests.bench.pipeline.page.targets import TARGETS, judge
from tests.bench.pipeline.promises.measurement import measure_promises
from tests.bench.pipeline.promises.promise_list import PROMISES, Promise

TOPICS = {"seeds.receipts", "articles.ingested", "published.state", "published.log"}


class SeedRecord:
    """A record as aiokafka has it."""

    topic, partition, offset = "seeds", 0, 7

    def __init__(self, key: bytes, value: bytes) -> None:
        self.key, self.value = key, value


def test_the_seeds_are_valid_published_and_have_no_word_in_common():
    articles = [parse_seed(seed.content) for seed in build_seeds(50, "test")]
    words = [word for article in articles for word in article.title.split()]
    assert len(words) == len(set(words)) == 5 * 50
    assert all(article.quality >= 70 and not article.images for article in articles)


async def test_the_floor_sends_the_records_that_the_pipeline_sends(tmp_path: Path):
    store = SqliteFloor(str(tmp_path / "floor.db"))
    seeds = build_seeds(3, "test")
    first = await ingest([SeedRecord(seed.key, seed.content) for seed in seeds], store)
    announced = [record for record in first[0] if record[0] == "articles.ingested"]
    second = await publish([SeedRecord(record[1], record[2]) for record in announced], store)
    sent = [record for phase in (*first, *second) for record in phase]
    assert {record[0] for record in sent} == TOPICS
    assert len(sent) == len(seeds) * len(TOPICS)
    assert parse(seeds[0].content)["title"] in second[1][0][2].decode()
    assert set(HANDLERS) == {"ingest", "publish", "relay"}


async def test_promises_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SEEDWIRE_PAGES", "off")
    table = await measure_promises(tmp_path, 60)
    rows = {cost.name: cost.rows for cost in table.costs}
    assert rows["alias ledger: one article, all its URLs"] >= 1
    assert rows["pending marks: nothing accepted is lost"] >= 4
    once = ("seeds.receipts", "articles.ingested", "published.state", "published.log")
    assert [table.messages[topic] for topic in once] == [1, 1, 1, 1]
    assert all(table.flushes[name] for name in ("ingest", "images", "related", "publishing"))


def test_a_figure_is_the_median_with_its_spread_and_the_ratio_to_the_floor():
    section = Section("title")
    section.add("thing", [3.0, 1.0, 2.0], "ms", [4.0])
    assert str(Figure([3.0, 1.0, 2.0])) == "2.00 (1.00 to 3.00)"
    assert section.rows[0].ratio == 0.5
    assert section.rows[0].cells[:5] == ["thing", "2.00 (1.00 to 3.00)", "ms", "4.00", "0.50"]


def test_the_page_judges_every_target_and_says_loudly_what_is_left_out(tmp_path: Path):
    section = Section("Start-up: from nothing")
    section.add("ready", [7.0], "s", [2.0])
    report = Report(tmp_path, describe_machine(), "", [section])
    report.sections.append(Section("Elsewhere", left_out=["there is no Java."]))
    report.targets = judge(report.sections)
    report.write()
    page = (tmp_path / "table.md").read_text()
    assert "| seconds until `seedwire up` is ready: at most 6 | 7.00 | **missed** |" in page
    assert page.count("not measured") == len(TARGETS) - 1
    assert "**LEFT OUT**: there is no Java." in page


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.name)
def test_the_functions_of_a_promise_are_where_the_list_says(promise: Promise):
    files = [*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/**/*.py")]
    for path, name in promise.functions:
        sources = [file.read_text() for file in files if str(file).endswith(path)]
        assert any(f"def {name}(" in source for source in sources), f"{name} is not in {path}"
