"""The containers under test: an engine of their own, the images, the newsroom."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.engine import Engine, network_namespace, running
from tests.deploy.images import build_seedwire, build_stand_ins
from tests.deploy.newsroom import Newsroom
from tests.deploy.preparation import find_obstacle, prepare
from tests.engines.fetch import find_missing_tools


@pytest.fixture(scope="session")
def cache() -> Path:
    """The prepared machine. It is an error, and no skip, if it cannot be prepared."""
    obstacle = find_obstacle() or find_missing_tools()
    if obstacle:
        pytest.fail(f"NOTHING WAS TESTED IN CONTAINERS: {obstacle}", pytrace=False)
    return prepare()


@pytest.fixture(scope="session")
def folder(cache: Path) -> Path:
    """The engine's folder, with every image in it."""
    folder = cache / "engine"
    with running(Engine(folder)) as engine:
        build_stand_ins(engine, cache)
        build_seedwire(engine)
    return folder


@pytest.fixture(scope="module")
def builder(folder: Path) -> Iterator[Engine]:
    """An engine with this machine's network."""
    with running(Engine(folder)) as engine:
        yield engine


@pytest.fixture(scope="module")
def newsroom(
    folder: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Newsroom]:
    """Everything up, in a network of its own."""
    env_file = tmp_path_factory.mktemp("newsroom") / ".env"
    name = f"seedwire-{os.getpid()}"
    with network_namespace(name), running(Engine(folder, name)) as engine:
        started = Newsroom(engine, cache / "docker-compose", env_file)
        started.compose("down", "--volumes")  # of a run that was killed
        try:
            started.up()
            yield started
        finally:
            started.compose("down", "--volumes", "--remove-orphans")
