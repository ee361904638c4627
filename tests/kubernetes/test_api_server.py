"""A real API server takes the objects in deploy/kubernetes, and refuses what it must refuse.

There is no node: pods are admitted, and wait for one.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.command_runner import CommandFailed
from tests.kubernetes.control_plane import ControlPlane
from tests.waiting import wait_until
from tools.check_kubernetes import FOLDER, list_kustomizations, load_objects

pytestmark = pytest.mark.timeout(1800)

NAMESPACE: Final = "seedwire"
COMPONENT: Final = "app.kubernetes.io/component"
CONSOLE: Final = "console"
SMALL: Final = FOLDER / "overlays" / "small"
KEDA: Final = FOLDER / "overlays" / "keda"
TEMPLATE: Final[dict[str, Any]] = load_objects(FOLDER / "base" / "ingest.yaml")[0]["spec"][
    "template"
]
Object = dict[str, Any]


def apply(cluster: ControlPlane, folder: Path) -> list[str]:
    """Apply *folder* as the docs say; returns a line for each object."""
    lines = cluster.kubectl(
        "apply", "--server-side", "--validate=strict", "--kustomize", f"{folder}"
    )
    return lines.splitlines()


def get(cluster: ControlPlane, kind: str, namespace: str = NAMESPACE) -> list[Object]:
    shown = cluster.kubectl("--namespace", namespace, "get", kind, "--output=json")
    return list(json.loads(shown)["items"])


def wait_for_account(cluster: ControlPlane) -> None:
    """Wait for what every pod of a new namespace belongs to."""
    wait_until(lambda: bool(get(cluster, "serviceaccounts")), lambda: "there is no service account")


def count_pods(cluster: ControlPlane) -> dict[str, int]:
    components = [pod["metadata"]["labels"][COMPONENT] for pod in get(cluster, "pods")]
    return {component: components.count(component) for component in sorted(components)}


def read_replicas(cluster: ControlPlane) -> dict[str, int]:
    deployments = get(cluster, "deployments")
    return {each["metadata"]["name"]: each["spec"]["replicas"] for each in deployments}


def make_pod(**changes: Any) -> Object:
    """A pod as the Deployment *ingest* makes it, except for *changes* of its specification."""
    spec = {**json.loads(json.dumps(TEMPLATE["spec"])), **changes}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe"}, "spec": spec}


def change_container(**changes: Any) -> Object:
    (container,) = make_pod()["spec"]["containers"]
    return make_pod(containers=[{**container, **changes}])


def change_rights(**changes: Any) -> Object:
    """A pod whose container has other rights."""
    (container,) = make_pod()["spec"]["containers"]
    return change_container(securityContext={**container["securityContext"], **changes})


def create(cluster: ControlPlane, value: Object, namespace: str = NAMESPACE) -> str:
    """Have the server judge *value*, without keeping it. Raises CommandFailed."""
    arguments = ("--namespace", namespace, "create", "--dry-run=server", "--filename=-")
    return cluster.kubectl(*arguments, stdin=json.dumps(value))


@pytest.fixture(autouse=True)
def namespace(cluster: ControlPlane) -> Iterator[None]:
    """The namespace is gone after each test."""
    yield
    command = ("delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=100s")
    cluster.kubectl(*command)


@pytest.mark.parametrize("folder", list_kustomizations(), ids=lambda folder: str(folder.name))
def test_it_takes_every_object_and_a_second_time_nothing_changes(
    cluster: ControlPlane, folder: Path
) -> None:
    def read_specifications() -> list[Any]:
        applied = json.loads(cluster.kubectl("get", "--kustomize", str(folder), "--output=json"))
        return [(each["kind"], each["metadata"].get("generation")) for each in applied["items"]]

    lines = apply(cluster, folder)
    assert len(lines) > 15
    assert all(line.endswith(" serverside-applied") for line in lines)
    before = read_specifications()
    apply(cluster, folder)
    assert read_specifications() == before


def test_its_controllers_may_create_every_pod(cluster: ControlPlane) -> None:
    apply(cluster, FOLDER / "base")
    wanted = read_replicas(cluster)
    assert wanted == {name: 1 if name == CONSOLE else 2 for name in wanted}
    wait_until(lambda: count_pods(cluster) == wanted, lambda: str(get(cluster, "events")))
    users = [pod["spec"]["securityContext"]["runAsUser"] for pod in get(cluster, "pods")]
    mounts = [str(pod["spec"]["volumes"]) for pod in get(cluster, "pods")]
    assert set(users) == {10001}
    assert not [volumes for volumes in mounts if "serviceAccountToken" in volumes]


def test_the_small_overlay_has_one_pod_of_each_and_no_budget(cluster: ControlPlane) -> None:
    apply(cluster, SMALL)
    wanted = {name: 1 for name in read_replicas(cluster)}
    wait_until(lambda: count_pods(cluster) == wanted, lambda: str(get(cluster, "events")))
    assert get(cluster, "poddisruptionbudgets") == []


def test_a_number_that_the_autoscaler_chose_survives_the_next_apply(cluster: ControlPlane) -> None:
    apply(cluster, KEDA)
    cluster.kubectl("--namespace", NAMESPACE, "scale", "deployment/ingest", "--replicas=4")
    apply(cluster, KEDA)
    assert read_replicas(cluster)["ingest"] == 4


def test_a_misspelt_field_is_refused(cluster: ControlPlane, tmp_path: Path) -> None:
    (deployment, *_) = load_objects(FOLDER / "base" / "ingest.yaml")
    deployment["spec"]["template"]["spec"]["hostnetwork"] = True
    (tmp_path / "ingest.yaml").write_text(yaml.safe_dump(deployment))
    (tmp_path / "kustomization.yaml").write_text("resources: [ingest.yaml]\n")
    with pytest.raises(CommandFailed, match=r"hostnetwork: field not declared in schema"):
        apply(cluster, tmp_path)


def test_a_trigger_without_its_topic_type_is_refused(cluster: ControlPlane) -> None:
    apply(cluster, FOLDER / "base")
    (scaled, *_) = load_objects(KEDA / "scaling.yaml")
    create(cluster, scaled)
    del scaled["spec"]["triggers"][0]["type"]
    with pytest.raises(CommandFailed, match=r"spec\.triggers\[0\]\.type: Required value"):
        create(cluster, scaled)


FORBIDDEN: Final[dict[str, tuple[Callable[[], Object], str]]] = {
    "privileged": (
        lambda: change_rights(privileged=True, allowPrivilegeEscalation=True),
        "privileged",
    ),
    "escalation": (
        lambda: change_rights(allowPrivilegeEscalation=True),
        "allowPrivilegeEscalation",
    ),
    "root": (lambda: change_rights(runAsUser=0), "runAsUser=0"),
    "perhaps root": (lambda: change_rights(runAsNonRoot=False), "runAsNonRoot != true"),
    "capability": (
        lambda: change_rights(capabilities={"drop": ["ALL"], "add": ["NET_ADMIN"]}),
        "unrestricted capabilities",
    ),
    "all capabilities": (lambda: change_rights(capabilities={}), "unrestricted capabilities"),
    "system calls": (
        lambda: change_rights(seccompProfile={"type": "Unconfined"}),
        "seccompProfile",
    ),
    "host network": (lambda: make_pod(hostNetwork=True), "host namespaces"),
    "host processes": (lambda: make_pod(hostPID=True), "host namespaces"),
    "host files": (
        lambda: make_pod(volumes=[*TEMPLATE["spec"]["volumes"], HOST_FILES]),
        "restricted volume types",
    ),
}
HOST_FILES: Final = {"name": "host", "hostPath": {"path": "/"}}


def test_a_pod_that_asks_for_more_than_it_needs_is_refused(cluster: ControlPlane) -> None:
    apply(cluster, SMALL)
    wait_for_account(cluster)
    assert "created" in create(cluster, make_pod())
    for name, (make, reason) in FORBIDDEN.items():
        with pytest.raises(CommandFailed) as refusal:
            create(cluster, make())
        assert 'violates PodSecurity "restricted:latest"' in str(refusal.value), name
        assert reason in str(refusal.value), name


def make_quota(memory: str) -> Object:
    hard = {"limits.memory": memory, "requests.cpu": "10"}
    metadata = {"name": "memory", "namespace": NAMESPACE}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": metadata,
        "spec": {"hard": hard},
    }


def test_under_a_quota_pods_are_admitted_until_it_is_used_up(cluster: ControlPlane) -> None:
    def has_counted() -> bool:
        (quota,) = get(cluster, "resourcequotas")
        return bool(quota.get("status", {}).get("used", {}).get("limits.memory"))

    cluster.kubectl("create", "namespace", NAMESPACE)
    cluster.kubectl("apply", "--filename=-", stdin=json.dumps(make_quota("2560Mi")))
    wait_until(has_counted, lambda: "the quota is not counted")
    wait_for_account(cluster)
    with pytest.raises(CommandFailed, match=r"must specify limits\.memory"):
        create(cluster, change_container(resources={"requests": {"cpu": "100m"}}))
    apply(cluster, SMALL)  # all six take 5 GiB

    def is_refused() -> bool:
        return any("exceeded quota: memory" in event["message"] for event in get(cluster, "events"))

    wait_until(is_refused, lambda: str(count_pods(cluster)))
    # Whoever looks after the quota raises it, and the controllers try again by themselves.
    cluster.kubectl("apply", "--filename=-", stdin=json.dumps(make_quota("6Gi")))
    wanted = {name: 1 for name in read_replicas(cluster)}
    wait_until(lambda: count_pods(cluster) == wanted, lambda: str(get(cluster, "events")))
