"""Engines of their own for each end-to-end test: it counts all there is in the topics."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import apache_kafka, embedded_broker, mongo_stand_in


@pytest.fixture(params=["embedded"])
def kafka(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of new engines: the embedded broker over SQLite, or `real`: Apache Kafka over a MongoDB stand-in."""
    if request.param == "embedded":
        with embedded_broker(tmp_path / "broker") as settings:
            yield settings
    else:
        with apache_kafka(tmp_path / "kafka") as kafka, mongo_stand_in(tmp_path / "mongo") as mongo:
            yield kafka | mongo
