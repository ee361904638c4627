"""The faults name failpoints and writes as text, so this checks that the code still has them."""

import re
from typing import get_type_hints

import pytest

from shared.store import Store
from tests.conftest import ROOT
from tests.faults.faulty.faulty_store import PARTS, UNTOUCHED
from tests.faults.process_faults import POINTS, WRITES

FOLDERS = {
    "ingest": ("services/ingest",),
    "images": ("services/enrichment/images",),
    "related": ("services/enrichment/related",),
    "publishing": ("services/publishing",),
}
SHARED = ("shared/broker", "shared/events")


def find_failpoints(service: str) -> set[str]:
    found: set[str] = set()
    for folder in (*FOLDERS[service], *SHARED):
        for file in (ROOT / folder).rglob("*.py"):
            found.update(re.findall(r'failpoints\.hit\("([\w-]+)"\)', file.read_text()))
    return found


def part_of_store(name: str) -> type:
    """The protocol of one part of the store."""
    part = get_type_hints(getattr(Store, name).fget)["return"]
    assert isinstance(part, type)
    return part


@pytest.mark.parametrize("service", POINTS)
def test_the_faults_name_every_failpoint_of_a_service(service: str):
    assert set(POINTS[service]) == find_failpoints(service)


@pytest.mark.parametrize("write", sorted({write for writes in WRITES.values() for write in writes}))
def test_every_write_that_is_named_exists(write: str):
    part, _, method = write.partition(".")
    assert part in PARTS
    assert hasattr(part_of_store(part), method)


def test_every_part_and_every_untouched_method_exists():
    parts = [part_of_store(name) for name in PARTS]
    for method in UNTOUCHED:
        assert any(hasattr(part, method) for part in parts), method
