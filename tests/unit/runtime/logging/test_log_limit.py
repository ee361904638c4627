"""Floods are kept out of the log and counted; what differs in its cause is no flood."""

import logging
from collections.abc import Iterator

import pytest

from shared.runtime.logging.log_limit import RateLimit

log = logging.getLogger("test.flood")


class Lines(logging.Handler):
    """A log whose clock stands still unless it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.limit = RateLimit(10, lambda: self.now)
        self.addFilter(self.limit)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler
    log.removeHandler(handler)


def reject(number: int, reason: str) -> None:
    log.error("record %s is rejected", f"c/seeds/0/{number}", exc_info=ValueError(reason))


def test_of_four_records_with_four_faults_four_are_logged(lines: Lines):
    for number, reason in enumerate(["no title", "no date", "no URL", "too large"]):
        reject(number, reason)
    assert lines.lines == [f"record c/seeds/0/{number} is rejected" for number in range(4)]


def test_of_four_records_with_one_fault_one_is_logged_and_three_are_counted(lines: Lines):
    for number in range(4):
        reject(number, "no title")
    lines.limit.report_ended()
    assert lines.lines == ["record c/seeds/0/0 is rejected"]
    lines.now += 10
    lines.limit.report_ended()
    lines.limit.report_ended()
    assert lines.lines[1:] == ["3 more entries like this one: record c/seeds/0/1 is rejected"]


def test_the_count_comes_before_the_next_entry_of_its_kind(lines: Lines):
    for _ in range(3):
        log.warning("waiting: %s", "Kafka does not answer")
    lines.now += 11
    log.warning("waiting: %s", "Kafka does not answer")
    assert lines.lines == [
        "waiting: Kafka does not answer",
        "2 more entries like this one: waiting: Kafka does not answer",
        "waiting: Kafka does not answer",
    ]


def test_the_same_text_about_something_else_is_another_entry(lines: Lines):
    log.info("%s is process %d", "ingest", 1)
    log.info("%s is process %d", "images", 2)
    assert lines.lines == ["ingest is process 1", "images is process 2"]


def test_a_flood_of_different_causes_is_bounded_and_counted(lines: Lines):
    for number in range(1_000):
        log.warning("cannot fetch %d", number)
    lines.limit.report_ended(everything=True)
    assert len(lines.lines) == 21
    assert lines.lines[-1] == (
        "980 more entries of other causes, such as this one: cannot fetch 20"
    )
