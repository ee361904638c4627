"""A running newsroom, and a Chromium before its console that notices what should not happen."""

import importlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from services.console.web.settings import TOKEN_FILE
from tests.e2e.console import Console

CHROMIUM_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
WAIT_SECONDS: Final = 240.0  # for what must happen, on a machine with ten times its work
TIMEOUT_MS: Final = WAIT_SECONDS * 1000
TEST_SECONDS: Final = 900  # of one test, which waits several times
PAGES: Final = ("/", "/stories", "/articles", "/rejected", "/parked", "/drop", "/log")


def find_chromium() -> str | None:
    """The path of an installed Chromium."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def describe_chromium() -> str:
    """Which browser these tests start, and whether it is Debian's package."""
    path = find_chromium()
    if path is None:
        return "none"
    dpkg = shutil.which("dpkg-query")
    command = [dpkg or "false", "--search", str(Path(path).resolve())]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    package = found.stdout.partition(":")[0]
    if found.returncode != 0 or package != "chromium":
        return f"{path}, WHICH IS NOT DEBIAN'S PACKAGE chromium"
    command = [str(dpkg), "--show", "--showformat=${Version}", package]
    version = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return f"{path}, Debian's package chromium {version}"


def find_missing() -> str | None:
    """What these tests need and do not find, in a sentence."""
    if find_chromium() is None:
        return "CHROMIUM IS MISSING: apt-get install --no-install-recommends chromium"
    for module in ("playwright", "axe_playwright_python"):
        if importlib.util.find_spec(module) is None:
            return f"{module} IS MISSING: `make test-browser` installs it"
    return None


@dataclass(frozen=True)
class Newsroom:
    """What `seedwire up` runs, and where its console is."""

    seedwire: Console

    @property
    def url(self) -> str:
        return (self.seedwire.state_dir / "run" / "console").read_text().strip()

    @property
    def token(self) -> str:
        return (self.seedwire.state_dir / TOKEN_FILE).read_text().strip()

    @cached_property
    def picture_origin(self) -> str:
        """Where web says that it serves pictures."""
        (status,) = self.seedwire.json("status")
        (web,) = [service for service in status["services"] if service["name"] == "web"]
        return str(web["note"])

    def drop(self, folder: Path, *seeds: str) -> None:
        """Drop these texts as seed files, and wait until they are through."""
        self.write(folder, *seeds)
        assert self.seedwire("drop", str(folder)).returncode == 0
        assert self.seedwire("wait").returncode == 0

    @staticmethod
    def write(folder: Path, *seeds: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (folder / f"{number:03}.md").write_text(seed)


@dataclass
class Visit:
    """One person's window. *noticed* is what no page of ours may do."""

    newsroom: Newsroom
    page: Any
    noticed: list[str] = field(default_factory=list)
    bytes_read: dict[str, int] = field(default_factory=dict)

    def open(self, path: str) -> None:
        self.page.goto(self.newsroom.url + path)

    def sign_in(self, name: str) -> None:
        """By keyboard alone."""
        self.open("/sign-in")
        self.page.locator("#name").focus()
        self.page.keyboard.type(name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(self.newsroom.token)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(self.newsroom.url + "/")

    def watch(self) -> None:
        """Note dialogs, errors, breaches of the policy, and requests to strangers."""
        ours = {urlsplit(self.newsroom.url).netloc, urlsplit(self.newsroom.picture_origin).netloc}
        page = self.page

        def notice_request(request: Any) -> None:
            parts = urlsplit(request.url)
            if parts.scheme not in ("data", "about") and parts.netloc not in ours:
                self.noticed.append(f"request to {request.url}")

        def notice_dialog(dialog: Any) -> None:
            self.noticed.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        def notice_console(message: Any) -> None:
            if message.type == "error" and "status of 4" not in message.text:
                where = message.location.get("url", "")
                self.noticed.append(f"console: {message.text} {where}")

        page.on("request", notice_request)
        page.on("dialog", notice_dialog)
        page.on("console", notice_console)
        page.on("pageerror", lambda error: self.noticed.append(f"error: {error}"))


@contextmanager
def open_chromium() -> Iterator[Any]:
    """A browser without a window."""
    playwright = importlib.import_module("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


def open_visit(browser: Any, newsroom: Newsroom, **options: Any) -> Visit:
    """A window of its own, with its own cookies. *options* are Playwright's."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    context.set_default_timeout(TIMEOUT_MS)
    visit = Visit(newsroom, context.new_page())
    visit.watch()
    return visit
