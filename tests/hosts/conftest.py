"""The three hosts under test."""

import os
import shutil
import sys
from collections.abc import Iterator

import pytest

from tests.engines.fetch import fetch_jars, find_missing_tools
from tests.hosts.network import Network
from tests.hosts.newsroom import HOSTS, STORE_HOST, Newsroom

TOOLS = ("ip", "nsenter")


def find_obstacle() -> str | None:
    """Why this machine cannot have hosts of its own; None if it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "network namespaces need Linux, and root"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"there is no {' and no '.join(missing)} (Debian's iproute2 and util-linux)"
    return find_missing_tools()


@pytest.fixture(scope="session")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """Kafka and all workers on three hosts. It is an error, and no skip, if there can be none."""
    obstacle = find_obstacle()
    if obstacle:
        pytest.fail(f"NOTHING WAS TESTED ON SEVERAL HOSTS: {obstacle}", pytrace=False)
    network = Network(max(*HOSTS, STORE_HOST))
    with network.running():
        newsroom = Newsroom(network, tmp_path_factory.mktemp("hosts"), fetch_jars())
        try:
            newsroom.start()
            yield newsroom
        finally:
            newsroom.stop()
