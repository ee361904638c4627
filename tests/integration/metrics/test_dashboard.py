"""Every query of the dashboard returns data from a Prometheus that scrapes a running newsroom."""

import json
import re
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT
from tests.e2e.console import SEED, Console, wait_until
from tests.integration.metrics.prometheus import Prometheus, require_program, start_prometheus

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(600)]

DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "seedwire.json").read_text())


def list_queries() -> list[str]:
    targets = [target for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return [target["expr"].replace("$__rate_interval", "30s") for target in targets]


def find_metrics_url(seedwire: Console) -> str:
    log = (seedwire.state_dir / "logs" / "supervisor.log").read_text()
    return re.findall(r"metrics: (http://\S+)/metrics", log)[-1]


def drop(seedwire: Console, folder: Path, names: list[str]) -> None:
    folder.mkdir()
    for name in names:
        (folder / f"{name}.md").write_text(SEED.format(name))
    assert seedwire("drop", str(folder)).returncode == 0


def has_data(prometheus: Prometheus, query: str) -> bool:
    values = [series["value"][1] for series in prometheus.query(query)]
    return any(value != "NaN" for value in values)


@pytest.fixture
def seedwire(tmp_path):
    console = Console(tmp_path / "home", {"SEEDWIRE_METRICS_PORT": "0"})
    yield console
    console("down")


def test_every_query_returns_data(seedwire, tmp_path):
    require_program("prometheus")
    assert seedwire("up", "--detach").returncode == 0
    url = find_metrics_url(seedwire)
    address = url.removeprefix("http://")
    scraping = {
        "job_name": "seedwire",
        "static_configs": [{"targets": [address], "labels": {"service": "supervisor"}}],
        "http_sd_configs": [{"url": f"{url}/targets", "refresh_interval": "1s"}],
    }
    with start_prometheus(tmp_path / "prometheus", [scraping]) as prometheus:
        wait_until(prometheus.is_ready)
        processes = len(httpx.get(f"{url}/targets", timeout=60).json())
        wait_until(lambda: len(prometheus.query("up == 1")) == processes + 1)
        drop(seedwire, tmp_path / "first", [f"first-{n}" for n in range(5)])
        wait_until(lambda: has_data(prometheus, "seedwire_published_records_total > 0"))
        queries = list_queries()
        assert len(queries) > 15
        unanswered = set(queries)

        def are_answered() -> bool:
            unanswered.difference_update([q for q in unanswered if has_data(prometheus, q)])
            return not unanswered

        wait_until(are_answered)
