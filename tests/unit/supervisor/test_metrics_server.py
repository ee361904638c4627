"""What the supervisor serves for Prometheus."""

import logging
import socket

import httpx
import pytest

from services.console.supervisor.metrics_server import serve_metrics
from services.console.supervisor.state_dir import StateDir
from shared.errors import SettingsError
from shared.settings import Settings
from shared.store import connect


@pytest.fixture
def state_dir(tmp_path):
    state_dir = StateDir(tmp_path)
    state_dir.create()
    return state_dir


@pytest.fixture
async def store(tmp_path):
    store = connect(f"sqlite:///{tmp_path / 'seedwire.db'}")
    await store.open()
    yield store
    await store.close()


def make_settings(tmp_path, port):
    return Settings(home=tmp_path, metrics_port=port)


async def test_it_names_the_addresses_of_the_processes_that_run(state_dir, store, tmp_path, caplog):
    state_dir.health_file("images-2").write_text("127.0.0.1:4711")
    state_dir.health_file("ingest-1").write_text("127.0.0.1:4712")  # does not run any more
    caplog.set_level(logging.INFO)
    settings = make_settings(tmp_path, 0)
    running = ["images-1", "images-2"]  # the first does not serve yet
    async with serve_metrics(settings, state_dir, store, lambda: running):
        (message,) = [text for text in caplog.messages if text.startswith("metrics: ")]
        url = message.removeprefix("metrics: ").removesuffix("/metrics")
        async with httpx.AsyncClient(base_url=url) as client:
            targets = (await client.get("/targets")).json()
            metrics = (await client.get("/metrics")).text
    labels = {"service": "images", "process": "images-2"}
    assert targets == [{"targets": ["127.0.0.1:4711"], "labels": labels}]
    assert "process_cpu_seconds_total" in metrics


async def test_without_a_port_it_serves_and_samples_nothing(state_dir, store, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    async with serve_metrics(make_settings(tmp_path, None), state_dir, store, list):
        assert not caplog.messages


async def test_a_port_that_is_taken_is_a_wrong_setting(state_dir, store, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = make_settings(tmp_path, taken.getsockname()[1])
        with pytest.raises(SettingsError, match="cannot listen"):
            async with serve_metrics(settings, state_dir, store, list):
                pass


def test_addresses_of_processes_before_are_forgotten(state_dir):
    state_dir.health_file("ingest-1").write_text("127.0.0.1:4711")
    with state_dir.hold():
        assert not state_dir.health_file("ingest-1").exists()
