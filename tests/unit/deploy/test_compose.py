"""What must hold of docker-compose.yml, as far as a machine without a container engine can tell."""

import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.settings import Settings

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
WORKERS = ("ingest", "images", "related", "publishing")
ENGINES = ("kafka", "mongo")
SERVERS = ("web", "console")
OURS = (*WORKERS, *SERVERS, "seedwire")
WITHOUT_HEALTH_CHECK = {"seedwire": "it runs one command and ends"}


def parse_bytes(size: str) -> int:
    return int(size[:-1]) * {"m": 1024**2, "g": 1024**3}[size[-1]]


def parse_seconds(duration: str) -> int:
    return int(duration.removesuffix("s"))


def list_settings() -> set[str]:
    """The environment variables of every settings class."""
    for path in (ROOT / "services").rglob("settings.py"):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    kinds = [Settings]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return {f"SEEDWIRE_{name.upper()}" for kind in kinds for name in kind.model_fields}


def test_every_service_is_there() -> None:
    assert set(SERVICES) == {*OURS, *ENGINES}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_a_health_check_or_a_reason(name: str) -> None:
    assert ("healthcheck" in SERVICES[name]) != (name in WITHOUT_HEALTH_CHECK)


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= list_settings()


@pytest.mark.parametrize("name", OURS)
def test_no_instance_id_is_shared_by_the_containers_of_a_scaled_service(name: str) -> None:
    assert "SEEDWIRE_INSTANCE" not in SERVICES[name]["environment"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_few_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["user"] == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["init"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", OURS)
def test_our_image_carries_the_version_of_the_project(name: str) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert SERVICES[name]["image"] == f"seedwire:{version}"


@pytest.mark.parametrize(("name", "module"), [("web", "web"), ("console", "console.web")])
def test_a_server_is_reached_from_this_machine_alone(name: str, module: str) -> None:
    server = SERVICES[name]
    assert server["command"] == ["python", "-m", f"services.{module}"]
    assert server["healthcheck"]["test"] == ["CMD", "python", "-m", "deploy.health_check"]
    port = server["environment"][f"SEEDWIRE_{name.upper()}_PORT"]
    assert server["ports"] == [f"127.0.0.1:{port}:{port}"]


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_can_be_scaled(name: str) -> None:
    assert "ports" not in SERVICES[name]
    assert "container_name" not in SERVICES[name]
    assert "hostname" not in SERVICES[name]


@pytest.mark.parametrize("name", WORKERS)
def test_the_number_of_workers_is_kept_in_the_environment_file(name: str) -> None:
    replicas = SERVICES[name]["deploy"]["replicas"]
    variable = f"SEEDWIRE_{name.upper()}_REPLICAS"
    assert replicas == f"${{{variable}:-1}}"
    assert f"\n{variable}=" in (ROOT / ".env.example").read_text()
    assert variable not in list_settings()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_limits(name: str) -> None:
    limits = SERVICES[name]["deploy"]["resources"]["limits"]
    assert 256 * 1024**2 <= parse_bytes(limits["memory"]) <= 2 * 1024**3
    assert 64 <= limits["pids"] <= 512


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "seedwire"])
def test_a_service_comes_back_with_the_engine(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_one_service_builds_the_image_and_nobody_pulls_it() -> None:
    assert [name for name in SERVICES if "build" in SERVICES[name]] == ["ingest"]
    assert {SERVICES[name]["pull_policy"] for name in OURS} == {"never"}


@pytest.mark.parametrize("name", OURS)
def test_what_is_written_beside_volumes_is_bounded(name: str) -> None:
    """The table of languages unpacks 65 MB into `/tmp`: with 64, linking rejected every text."""
    (tmpfs,) = SERVICES[name]["tmpfs"]
    size = re.fullmatch(r"/tmp:size=(\d+m),mode=1777", tmpfs)
    assert size is not None
    assert parse_bytes(size[1]) >= 128 * 1024**2


def test_the_command_keeps_its_state_directory_in_a_volume() -> None:
    folder = re.search(r"SEEDWIRE_HOME=(\S+)", DOCKERFILE)
    assert folder is not None
    assert f"state:{folder[1]}" in SERVICES["seedwire"]["volumes"]
    assert "state" in COMPOSE["volumes"]


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_has_time_for_a_clean_stop(name: str) -> None:
    grace = float(SERVICES[name]["environment"]["SEEDWIRE_GRACE_SECONDS"])
    assert parse_seconds(SERVICES[name]["stop_grace_period"]) > grace


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_runs_a_module_that_exists(name: str) -> None:
    *python, module = SERVICES[name]["command"]
    assert python == ["python", "-m"]
    assert (ROOT / module.replace(".", "/") / "__main__.py").is_file()


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_answers_for_its_own_health(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"] == ["CMD", "python", "-m", "deploy.health_check"]
    assert int(SERVICES[name]["environment"]["SEEDWIRE_HEALTH_PORT"]) > 0


@pytest.mark.parametrize("name", OURS)
def test_our_containers_wait_for_healthy_engines(name: str) -> None:
    assert SERVICES[name]["depends_on"] == {
        engine: {"condition": "service_healthy"} for engine in ENGINES
    }


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_is_pinned_keeps_its_data_and_is_reached_from_this_machine_alone(
    name: str,
) -> None:
    engine = SERVICES[name]
    assert re.fullmatch(r"[a-z/]+:\d+\.\d+(\.\d+)?", engine["image"])
    assert all(port.startswith("127.0.0.1:") for port in engine["ports"])
    assert {volume.partition(":")[0] for volume in engine["volumes"]} <= set(COMPOSE["volumes"])


def test_kafka_creates_no_topic_by_itself() -> None:
    assert SERVICES["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_a_new_volume_of_kafka_is_a_new_cluster() -> None:
    *_, script = SERVICES["kafka"]["command"]
    assert "CLUSTER_ID" not in SERVICES["kafka"]["environment"]
    assert "random-uuid" in script
    assert SERVICES["kafka"]["environment"]["KAFKA_LOG_DIRS"] in script


def test_the_services_use_the_listener_that_kafka_advertises_to_containers() -> None:
    advertised = SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert f"INSIDE://{SERVICES['ingest']['environment']['SEEDWIRE_KAFKA']}" in advertised
