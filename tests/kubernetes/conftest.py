"""The Kubernetes under test: an API server, and one with a node and a newsroom on it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import preparation as containers
from tests.deploy.engine import Engine, running
from tests.deploy.images import SEEDWIRE, build_pause, build_seedwire, build_stand_ins
from tests.engines.fetch import fetch_jars, find_missing_tools
from tests.kubernetes import preparation
from tests.kubernetes.control_plane import ControlPlane
from tests.kubernetes.newsroom import Newsroom
from tests.kubernetes.node import ADDRESS, PAUSE, Node, network_of, node_network, unchanged_machine


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """An API server with its controllers. It is an error, and no skip, if there can be none."""
    obstacle = preparation.find_obstacle()
    if obstacle:
        pytest.fail(f"NOTHING WAS TESTED ON KUBERNETES: {obstacle}", pytrace=False)
    started = ControlPlane(preparation.prepare(), tmp_path_factory.mktemp("cluster"))
    try:
        started.start()
        started.kubectl("apply", "--server-side", f"--filename={preparation.fetch_definitions()}")
        started.kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The images of the node, in an archive."""
    obstacle = containers.find_obstacle() or find_missing_tools()
    if obstacle:
        pytest.fail(f"NO POD WAS RUN ON KUBERNETES: {obstacle}", pytrace=False)
    cache = containers.prepare()
    archive = tmp_path_factory.mktemp("images") / "images.tar"
    with running(Engine(cache / "engine")) as engine:
        build_stand_ins(engine, cache)
        build_seedwire(engine)
        build_pause(engine, PAUSE)
        engine.docker("save", f"--output={archive}", SEEDWIRE, PAUSE)
    yield archive
    archive.unlink()


@pytest.fixture(scope="module")
def newsroom(images: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """The base, ready on a node in a network of its own, beside Kafka and a store."""
    programs = preparation.prepare_node()
    namespace = f"seedwire-{os.getpid()}"
    folder = tmp_path_factory.mktemp("node")
    with unchanged_machine(), node_network(namespace):
        cluster = ControlPlane(programs, folder, ADDRESS, network_of(namespace))
        try:
            cluster.start()
            Node(cluster, programs, folder).start([images])
            newsroom = Newsroom(cluster, folder, fetch_jars())
            newsroom.start()
            yield newsroom
        finally:
            cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)
