"""`make screenshots`: the README's pictures of the console, from a newsroom of its own.

python -m tests.browser.screenshots [FOLDER]
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PIL import Image

from services.console.actions.demo_host import serve_demo_files
from tests.browser.browsing import Newsroom, Visit, find_missing, open_chromium, open_visit
from tests.conftest import ROOT
from tests.e2e.console import Console

PICTURES: Final = ROOT / "docs" / "pictures"
WAVES: Final = ("1-morning", "2-afternoon", "3-evening")
PAUSE_MS: Final = 45_000  # between waves: half a minute is one point of a line
COLOURS: Final = 256  # a third of the bytes, and nobody sees it
SIZE: Final = {"width": 1280, "height": 800}


def main(folder: Path) -> int:
    """Draw the pictures. Returns the exit code."""
    missing = find_missing()
    if missing:
        print(missing, file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory() as home,
        run_newsroom(Path(home)) as newsroom,
        open_chromium() as browser,
    ):
        visit = open_visit(browser, newsroom, viewport=SIZE, locale="en-GB")
        visit.sign_in("ann")
        for wave in WAVES:
            newsroom.seedwire("drop", str(ROOT / "seeds" / wave))
            newsroom.seedwire("wait")
            visit.page.wait_for_timeout(PAUSE_MS)
        draw(visit, folder)
    return 0


@contextmanager
def run_newsroom(home: Path) -> Iterator[Newsroom]:
    settings = {
        "SEEDWIRE_IMAGES_ALLOW_NETWORKS": "127.0.0.0/8",
        "SEEDWIRE_WEB_PORT": "0",
        "SEEDWIRE_CONSOLE_PORT": "0",
    }
    seedwire = Console(home, settings)
    with serve_demo_files(ROOT / "seeds" / "pictures"):
        seedwire("up", "--detach")
        try:
            yield Newsroom(seedwire)
        finally:
            seedwire("down")


def draw(visit: Visit, folder: Path) -> None:
    """Each page once, as an operator sees it first."""
    save(visit, "/", folder / "console-now.png")
    save(visit, "/stories", folder / "console-stories.png")
    visit.page.locator("h2.title a").first.click()
    save(visit, "", folder / "console-story.png")


def save(visit: Visit, path: str, file: Path) -> None:
    if path:
        visit.open(path)
    visit.page.wait_for_load_state("load")
    visit.page.wait_for_timeout(3_000)  # a sample or two
    visit.page.screenshot(path=str(file))
    with Image.open(file) as picture:
        small = picture.quantize(COLOURS)
    small.save(file, optimize=True)
    print(file)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES))
