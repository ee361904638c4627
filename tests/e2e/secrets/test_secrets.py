"""A whole newsroom, with secrets in seeds and settings: nothing it writes or serves has them.

`test_secured.py` has every way to write `secured`. Here there is one of each, and everything that
the newsroom puts out is searched: logs, outputs, metrics, and the pages of web and console.
"""

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from tests.e2e.console import Console, wait_until

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

SEED = """---
title: "A seed with a secret {number}"
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://paper.example/{number}"
quality: {quality}
secured: "{secret}"
---
body
"""
MAX_PAGES = 200
WEB_PAGES = (
    "/api/news",
    "/feeds/atom.xml",
    "/feeds/rss.xml",
    "/feeds/feed.json",
    "/openapi.json",
    "/contract/",
)
Output = tuple[str, str]


class Secrets:
    """Random ones, for every place that takes some."""

    def __init__(self) -> None:
        self.secured = f"secured-{secrets.token_hex(12)}"
        self.web_token = f"web-{secrets.token_hex(12)}"
        self.console_token = f"console-{secrets.token_hex(12)}"
        self.kafka_password = f"kafka-{secrets.token_hex(12)}"
        self.store_password = f"store-{secrets.token_hex(12)}"

    def find_in(self, outputs: list[Output]) -> list[str]:
        """Which outputs have which secret."""
        found = []
        for kind, secret in vars(self).items():
            found += [f"{kind} in {name}" for name, text in outputs if secret in text]
        return found


@pytest.fixture
def known() -> Secrets:
    return Secrets()


@pytest.fixture
def seedwire(tmp_path, known) -> Iterator[Console]:
    settings = {
        "SEEDWIRE_LOG_FORMAT": "json",
        "SEEDWIRE_LOG_LEVEL": "DEBUG",
        "SEEDWIRE_METRICS_PORT": "0",
        "SEEDWIRE_WEB_PORT": "0",
        "SEEDWIRE_WEB_TOKEN": known.web_token,
        "SEEDWIRE_CONSOLE_PORT": "0",
        "SEEDWIRE_CONSOLE_TOKEN": known.console_token,
    }
    console = Console(tmp_path / "home", settings)
    yield console
    console("down")


def write_seeds(folder: Path, known: Secrets) -> None:
    """One that is published, one that is not, and two that are rejected."""
    folder.mkdir()
    for number, quality in enumerate(["90", "10", "ninety", "["]):
        seed = SEED.format(number=number, quality=quality, secret=known.secured)
        (folder / f"{number}.md").write_text(seed)


def run_commands(seedwire: Console, folder: Path) -> list[Output]:
    commands = [["drop", str(folder)], ["wait", "--timeout", "200"], ["status"], ["list"]]
    commands += [["status", "--json"], ["list", "--json"], ["rejected", "list"], ["audit"]]
    commands += [["rejected", "list", "--json"], ["tail", "--from-start", "--until-idle"]]
    outputs = []
    for command in commands:
        result = seedwire(*command)
        assert result.stdout
        outputs.append((" ".join(command), result.stdout + result.stderr))
    return outputs


def drop_over_http(url: str, known: Secrets) -> Output:
    seed = SEED.format(number=9, quality=90, secret=known.secured)
    headers = {"Authorization": f"Bearer {known.web_token}", "Content-Type": "text/markdown"}
    response = httpx.post(f"{url}/seeds", content=seed, headers=headers, timeout=60)
    assert response.is_success, response.text
    return "POST /seeds", _show(response)


def read_web(url: str) -> list[Output]:
    outputs = []
    with httpx.Client(base_url=url, timeout=60) as client:
        for page in WEB_PAGES:
            response = client.get(page)
            outputs.append((f"web {page}", _show(response)))
    assert any("A seed with a secret 0" in text for _, text in outputs)
    return outputs


def crawl_console(url: str, known: Secrets) -> list[Output]:
    """Every page that is reached by links from the first one, as somebody who signed in."""
    outputs: list[Output] = []
    with httpx.Client(base_url=url, timeout=60, headers={"Origin": url}) as client:
        fields = {"name": "ann", "token": known.console_token}
        signed_in = client.post("/sign-in", data=fields)
        assert signed_in.status_code == 303, signed_in.text
        outputs.append(("POST /sign-in", _show(signed_in)))
        found, visited = ["/"], set()
        while found and len(visited) < MAX_PAGES:
            page = found.pop()
            if page in visited:
                continue
            visited.add(page)
            response = client.get(page)
            outputs.append((f"console {page}", _show(response)))
            found += [*_find_links(url, page, response)]
    assert {"/", "/rejected", "/stories"} <= visited
    for number in range(4):  # published, kept back, and rejected twice
        assert any(f"A seed with a secret {number}" in text for _, text in outputs)
    return outputs


def _find_links(url: str, page: str, response: httpx.Response) -> Iterator[str]:
    if "text/html" not in response.headers.get("content-type", ""):
        return
    for link in re.findall(r'href="([^"#]+)', response.text):
        target = urljoin(f"{url}{page}", link.replace("&amp;", "&"))
        if target.startswith(f"{url}/"):
            parts = urlsplit(target)
            yield f"{parts.path}?{parts.query}" if parts.query else parts.path


def _show(response: httpx.Response) -> str:
    """Everything that came over the wire."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{headers}\n\n{response.text}"


def read_metrics(supervisor: str) -> list[Output]:
    """The pages for Prometheus, and health, of every process."""
    targets = httpx.get(f"{supervisor}/targets", timeout=60)
    outputs = [("targets", _show(targets))]
    urls = [f"http://{target['targets'][0]}" for target in targets.json()]
    assert len(urls) >= 7
    for url in [supervisor, *urls]:
        for page in ("/metrics", "/health/ready", "/health/live"):
            outputs.append((f"{url}{page}", _show(httpx.get(f"{url}{page}", timeout=60))))
    text = "\n".join(text for _, text in outputs)
    assert 'seedwire_records_total{outcome="rejected",stage="ingest"} 2.0' in text
    return outputs


def read_logs(seedwire: Console) -> list[Output]:
    files = [*(seedwire.state_dir / "logs").glob("*.log*")]
    assert len(files) >= 8
    return [(file.name, file.read_text()) for file in files]


def find_url(outputs: list[Output], log: str, pattern: str) -> str:
    return re.findall(pattern, dict(outputs)[log])[-1]


def test_no_secret_leaves_a_newsroom(seedwire, known, tmp_path):
    assert seedwire("up", "--detach").returncode == 0
    write_seeds(tmp_path / "seeds", known)
    outputs = run_commands(seedwire, tmp_path / "seeds")
    logs = read_logs(seedwire)
    web = find_url(logs, "web-1.log", r"serves (http://[\w.:]+)")
    outputs.append(drop_over_http(web, known))
    outputs += read_web(web)
    console = (seedwire.state_dir / "run" / "console").read_text().strip()
    outputs += crawl_console(console, known)
    outputs += read_metrics(find_url(logs, "supervisor.log", r"metrics: (http://[\w.:]+)/"))
    wait_until(lambda: "A seed with a secret 9" in seedwire("list").stdout)
    assert seedwire("down").returncode == 0
    outputs += read_logs(seedwire)
    assert len(outputs) > 60
    assert known.find_in(outputs) == []


def test_every_line_of_a_service_is_json(seedwire, tmp_path, known):
    assert seedwire("up", "--detach", "--only", "ingest").returncode == 0
    assert seedwire("down").returncode == 0
    for name in ("ingest-1.log", "supervisor.log"):
        lines = (seedwire.state_dir / "logs" / name).read_text().splitlines()
        assert lines
        entries = [json.loads(line) for line in lines]
        assert {entry["service"] for entry in entries} == {name.removesuffix(".log").split("-")[0]}


@pytest.mark.parametrize("command", [["status"], ["list"], ["up", "--detach"], ["audit"]])
def test_passwords_of_engines_that_are_away_are_not_shown(tmp_path, known, command):
    settings = {
        "SEEDWIRE_STORE": f"mongodb://desk:{known.store_password}@127.0.0.1:1/seedwire",
        "SEEDWIRE_KAFKA": "127.0.0.1:1",
        "SEEDWIRE_KAFKA_SECURITY": "sasl_plaintext",
        "SEEDWIRE_KAFKA_USERNAME": "desk",
        "SEEDWIRE_KAFKA_PASSWORD": known.kafka_password,
        "SEEDWIRE_LOG_LEVEL": "DEBUG",
    }
    seedwire = Console(tmp_path / "home", settings)
    result = seedwire(*command)
    outputs = [("output", result.stdout + result.stderr)]
    logs = seedwire.state_dir / "logs"
    outputs += [(file.name, file.read_text()) for file in logs.glob("*.log")]
    assert result.returncode != 0
    assert known.find_in(outputs) == []
