"""One newsroom with the demo's articles for all browser tests, and one Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.console.actions.demo_host import serve_demo_files
from tests.browser.browsing import (
    TEST_SECONDS,
    Newsroom,
    Visit,
    describe_chromium,
    find_missing,
    open_chromium,
    open_visit,
)
from tests.conftest import ROOT
from tests.e2e.console import Console

OpenVisit = Callable[..., Visit]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(TEST_SECONDS))
    missing = find_missing() if config.getoption("--browser") else None
    if missing:
        raise pytest.UsageError(f"the console was not tested in a browser. {missing}")


def pytest_report_header(config: pytest.Config) -> str | None:
    return f"browser: {describe_chromium()}" if config.getoption("--browser") else None


@pytest.fixture(scope="session")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    home = tmp_path_factory.mktemp("browser") / "home"
    settings = {
        "SEEDWIRE_IMAGES_ALLOW_NETWORKS": "127.0.0.0/8",
        "SEEDWIRE_WEB_PORT": "0",
        "SEEDWIRE_CONSOLE_PORT": "0",
    }
    seedwire = Console(home, settings)
    with serve_demo_files(ROOT / "seeds" / "pictures"):
        assert seedwire("up", "--detach").returncode == 0
        newsroom = Newsroom(seedwire)
        for wave in ("1-morning", "2-afternoon", "3-evening"):
            seedwire("drop", str(ROOT / "seeds" / wave))
            seedwire("wait")
        yield newsroom
        seedwire("down")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def visit_as(browser: Any, newsroom: Newsroom) -> Iterator[OpenVisit]:
    """Opens a window, signed in under a name. At the end none may have noticed anything."""
    visits: list[Visit] = []

    def open_it(name: str = "", **options: Any) -> Visit:
        visit = open_visit(browser, newsroom, **options)
        visits.append(visit)
        if name:
            visit.sign_in(name)
        return visit

    yield open_it
    noticed = [what for visit in visits for what in visit.noticed]
    for visit in visits:
        visit.page.context.close()
    assert noticed == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "seeds"
