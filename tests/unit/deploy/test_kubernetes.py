"""What must hold of deploy/kubernetes, as far as a machine without a cluster can tell."""

import copy
import ipaddress
from pathlib import Path
from typing import Any

import pytest

from services.console.sampling.stages import STAGES, name_group
from services.console.supervisor.process_plan import MODULES
from shared.events.topics import load_topics
from tests.unit.deploy.test_compose import list_settings
from tools import check_kubernetes
from tools.check_kubernetes import FOLDER, build, find_builder, find_faults, load_objects

BASE = FOLDER / "base"
SERVICES = {name: load_objects(BASE / f"{name}.yaml") for name in MODULES}
POLICIES = {policy["metadata"]["name"]: policy for policy in load_objects(BASE / "network.yaml")}
SCALING = load_objects(FOLDER / "overlays" / "keda" / "scaling.yaml")
PRIVATE = ("10.1.2.3", "127.0.0.1", "169.254.169.254", "172.20.0.1", "192.168.1.1", "100.64.0.1")
PARTITIONS = {topic.name: topic.partitions for topic in load_topics()}


def pod_of(name: str) -> dict[str, Any]:
    pod: dict[str, Any] = SERVICES[name][0]["spec"]["template"]["spec"]
    return pod


def container_of(name: str) -> dict[str, Any]:
    (container,) = pod_of(name)["containers"]
    return dict(container)


def test_kubernetes_would_take_every_object() -> None:
    assert [*check_kubernetes.check()] == []


@pytest.mark.parametrize("path", [("spec", "replica"), ("spec", "template", "spec", "hostnetwork")])
def test_a_misspelt_field_is_found(path: tuple[str, ...]) -> None:
    deployment = copy.deepcopy(SERVICES["ingest"][0])
    parent = deployment
    for name in path[:-1]:
        parent = parent[name]
    parent[path[-1]] = 1
    assert any(path[-1] in fault for fault in find_faults(deployment))


@pytest.mark.parametrize("name", SERVICES)
def test_a_pod_meets_what_its_namespace_demands(name: str) -> None:
    (namespace,) = load_objects(BASE / "namespace.yaml")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    pod, container = pod_of(name), container_of(name)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


@pytest.mark.parametrize("name", SERVICES)
def test_a_pod_can_ask_nothing_of_the_cluster(name: str) -> None:
    assert pod_of(name)["automountServiceAccountToken"] is False
    assert pod_of(name)["enableServiceLinks"] is False


@pytest.mark.parametrize("name", SERVICES)
def test_it_runs_the_module_that_up_runs(name: str) -> None:
    assert container_of(name)["command"] == ["python", "-m", MODULES[name]]


@pytest.mark.parametrize("name", SERVICES)
def test_the_probes_ask_for_progress_and_a_start_has_five_minutes(name: str) -> None:
    container = container_of(name)
    start = container["startupProbe"]
    assert start["periodSeconds"] * start["failureThreshold"] == 300
    assert start["httpGet"]["path"] == container["livenessProbe"]["httpGet"]["path"]
    assert container["livenessProbe"]["httpGet"] == {"path": "/health/live", "port": "health"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/health/ready", "port": "health"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_clean_stop_has_time(name: str) -> None:
    (config,) = load_objects(BASE / "settings.yaml")
    grace = float(config["data"]["SEEDWIRE_GRACE_SECONDS"])
    assert pod_of(name)["terminationGracePeriodSeconds"] >= grace + 10


@pytest.mark.parametrize("name", SERVICES)
def test_memory_is_limited(name: str) -> None:
    resources = container_of(name)["resources"]
    assert resources["limits"].keys() == {"memory"}
    assert resources["requests"].keys() == {"cpu", "memory"}


def test_every_variable_is_a_setting() -> None:
    (config,) = load_objects(BASE / "settings.yaml")
    named = {*config["data"]}
    for name in SERVICES:
        named |= {variable["name"] for variable in container_of(name).get("env", ())}
    assert named <= list_settings()
    assert "SEEDWIRE_INSTANCE" not in named


def test_what_has_two_replicas_has_a_budget() -> None:
    scaled = {name for name, (deployment, *_) in SERVICES.items() if is_scaled(deployment)}
    budgets = {budget["metadata"]["name"] for budget in load_objects(BASE / "budgets.yaml")}
    assert budgets == scaled
    assert budgets


def is_scaled(deployment: dict[str, Any]) -> bool:
    return bool(deployment["spec"]["replicas"] > 1)


class TestNetwork:
    def test_what_is_not_allowed_is_denied(self) -> None:
        spec = POLICIES["default-deny"]["spec"]
        assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}

    def test_the_image_worker_alone_reaches_the_public_web(self) -> None:
        reaching = [
            policy["spec"]["podSelector"]["matchLabels"]
            for policy in POLICIES.values()
            if "ipBlock" in str(policy["spec"].get("egress"))
        ]
        assert [labels["app.kubernetes.io/component"] for labels in reaching] == ["images"]

    @pytest.mark.parametrize(
        "address",
        [*PRIVATE, "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1"],
    )
    def test_and_no_private_address(self, address: str) -> None:
        assert not any(is_in(address, block) for block in self.blocks())

    @pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
    def test_but_public_ones(self, address: str) -> None:
        assert any(is_in(address, block) for block in self.blocks())

    def blocks(self) -> list[dict[str, Any]]:
        (rule,) = POLICIES["public-web"]["spec"]["egress"]
        return [peer["ipBlock"] for peer in rule["to"]]

    def test_only_web_is_reached_by_everyone(self) -> None:
        open_to_all = [
            policy["metadata"]["name"]
            for policy in POLICIES.values()
            if {"namespaceSelector": {}} in flatten_peers(policy)
        ]
        assert open_to_all == ["readers"]


def flatten_peers(policy: dict[str, Any]) -> list[Any]:
    return [peer for rule in policy["spec"].get("ingress", ()) for peer in rule["from"]]


def is_in(address: str, block: dict[str, Any]) -> bool:
    wanted = ipaddress.ip_address(address)
    excluded = [ipaddress.ip_network(cidr) for cidr in block["except"]]
    return wanted in ipaddress.ip_network(block["cidr"]) and not any(
        wanted in network for network in excluded
    )


class TestScaling:
    def test_each_worker_scales_on_its_own_lag(self) -> None:
        triggers = {
            (trigger["metadata"]["consumerGroup"], trigger["metadata"]["topic"])
            for scaled in SCALING
            for trigger in scaled["spec"]["triggers"]
        }
        assert triggers == {(name_group(stage), topic) for stage, topic in STAGES}

    @pytest.mark.parametrize("scaled", SCALING, ids=lambda each: str(each["metadata"]["name"]))
    def test_there_are_never_more_workers_than_partitions(self, scaled: dict[str, Any]) -> None:
        topics = [trigger["metadata"]["topic"] for trigger in scaled["spec"]["triggers"]]
        assert scaled["spec"]["maxReplicaCount"] == max(PARTITIONS[topic] for topic in topics)
        assert scaled["spec"]["scaleTargetRef"] == {"name": scaled["metadata"]["name"]}


def test_without_a_builder_the_files_are_checked() -> None:
    folders = check_kubernetes.list_kustomizations()
    kinds = [each["kind"] for folder in folders for each in check_kubernetes.load_files(folder)]
    assert kinds.count("Deployment") == len(SERVICES)
    assert "ScaledObject" in kinds


def test_a_file_that_is_named_and_missing_is_found(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [gone.yaml]\n")
    assert "gone.yaml" in check_kubernetes.find_missing_files(tmp_path)[0]


@pytest.mark.skipif(find_builder() is None, reason="neither kubectl nor kustomize is here")
class TestOverlays:
    def test_small_has_one_of_each_and_no_budgets(self) -> None:
        built = build_overlay("small")
        deployments = [each for each in built if each["kind"] == "Deployment"]
        assert {each["spec"]["replicas"] for each in deployments} == {1}
        assert "PodDisruptionBudget" not in {each["kind"] for each in built}

    def test_keda_leaves_the_number_of_workers_to_the_autoscaler(self) -> None:
        built = build_overlay("keda")
        without = {
            each["metadata"]["name"]
            for each in built
            if each["kind"] == "Deployment" and "replicas" not in each["spec"]
        }
        assert without == {scaled["metadata"]["name"] for scaled in SCALING}

    @pytest.mark.parametrize("name", ["small", "keda"])
    def test_everything_is_in_the_namespace(self, name: str) -> None:
        namespaced = [each for each in build_overlay(name) if each["kind"] != "Namespace"]
        assert {each["metadata"].get("namespace") for each in namespaced} == {"seedwire"}


def build_overlay(name: str) -> list[dict[str, Any]]:
    builder = find_builder()
    assert builder is not None
    return build(builder, FOLDER / "overlays" / name)
