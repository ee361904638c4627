"""A machine of the cluster: containerd and the kubelet, in namespaces of their own.

What they start ends with them, and what they mount is seen by nobody else. Pods reach each other
and the node, and nobody beyond.
"""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from tests.command_runner import CommandFailed
from tests.kubernetes.control_plane import ControlPlane
from tests.waiting import wait_until

NAME: Final = "node-1"
ADDRESS: Final = "10.91.0.1"
PODS: Final = "10.92.0.0/16"
PAUSE: Final = "seedwire-standin/pause:1"
PLUGINS: Final = "/usr/lib/cni"
CONTAINERD: Final = """\
version = 2
root = "{folder}/containerd"
state = "{folder}/containerd-state"
[grpc]
  address = "{folder}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{plugins}"
    conf_dir = "{folder}/cni"
"""
KUBELET: Final = {
    "apiVersion": "kubelet.config.k8s.io/v1beta1",
    "kind": "KubeletConfiguration",
    "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
    "authorization": {"mode": "AlwaysAllow"},
    "cgroupDriver": "cgroupfs",
    "failCgroupV1": False,
    "failSwapOn": False,
    # The disk of this machine may be nearly full, which is none of the tests' business.
    "evictionHard": {"imagefs.available": "0%", "memory.available": "0%", "nodefs.available": "0%"},
    "imageGCHighThresholdPercent": 100,
    "resolvConf": "",
}
BEGIN: Final = """\
containerd --config "$1/containerd.toml" >"$1/containerd.log" 2>&1 &
until ctr --address "$1/containerd.sock" version >/dev/null 2>&1; do sleep 1; done
shift
exec "$@"
"""
IMPORT_SECONDS: Final = 600.0
START_SECONDS: Final = 300.0
SYSCTLS: Final = ("vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops")
"""What a kubelet sets on its machine, which is ours."""


def network_of(namespace: str) -> list[str]:
    """What to put before a command that runs in the network of the node."""
    return ["nsenter", f"--net=/run/netns/{namespace}"]


@contextmanager
def node_network(namespace: str) -> Iterator[None]:
    """A network in which the node has its address, while the block runs."""
    ip("netns", "add", namespace)
    try:
        ip("-n", namespace, "link", "set", "lo", "up")
        ip("-n", namespace, "link", "add", "node0", "type", "bridge")
        ip("-n", namespace, "address", "add", f"{ADDRESS}/24", "dev", "node0")
        ip("-n", namespace, "link", "set", "node0", "up")
        yield
    finally:
        ip("netns", "delete", namespace)


@contextmanager
def unchanged_machine() -> Iterator[None]:
    """What the node sets and leaves on this machine is as before when the block is over."""
    files = [Path("/proc/sys") / name for name in SYSCTLS]
    settings = {file: file.read_text() for file in files}
    left = set(list_leftovers())
    try:
        yield
    finally:
        for file, value in settings.items():
            if file.read_text() != value:
                file.write_text(value)
        for path in list_leftovers():
            if path not in left:
                remove(path)


def list_leftovers() -> list[Path]:
    """The control groups of pods, deepest first, and the names of their networks."""
    groups = Path("/sys/fs/cgroup").glob("**/kubepods/**/")
    return [*sorted(groups, reverse=True), *Path("/run/netns").glob("cni-*")]


def remove(path: Path) -> None:
    """Remove *path*; the processes of a control group may still be dying."""

    def is_gone() -> bool:
        with suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()
        return not path.exists()

    wait_until(is_gone, lambda: f"{path} is still used")


class Node:
    """The one machine of *cluster*, which runs in the node's network."""

    def __init__(self, cluster: ControlPlane, programs: Path, folder: Path) -> None:
        self._cluster = cluster
        self._programs = programs
        self._folder = folder

    def start(self, images: Sequence[Path]) -> None:
        """Start it with *images* (archives) on it, and wait until it takes pods."""
        self._write_files()
        apart = [
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "tini",
            "--",
        ]
        script = ["sh", "-c", BEGIN, "node", str(self._folder)]
        self._cluster.run("kubelet", [*apart, *script, *self._kubelet()])
        wait_until(self._has_containerd, lambda: self._cluster.read_log("containerd")[-2000:])
        for archive in images:
            self._import(archive)
        for state in ("create", "condition=Ready"):
            arguments = (f"node/{NAME}", f"--for={state}", f"--timeout={START_SECONDS:.0f}s")
            self._cluster.kubectl("wait", *arguments, seconds=START_SECONDS + 30)

    def _kubelet(self) -> list[str]:
        return [
            str(self._programs / "kubelet"),
            f"--config={self._folder / 'kubelet.json'}",
            f"--kubeconfig={self._cluster.kubeconfig}",
            f"--hostname-override={NAME}",
            f"--node-ip={ADDRESS}",
            f"--root-dir={self._folder / 'kubelet'}",
            f"--cert-dir={self._folder / 'kubelet-certificates'}",
        ]

    def _import(self, archive: Path) -> None:
        self._ctr("--namespace=k8s.io", "images", "import", str(archive))

    def _has_containerd(self) -> bool:
        with suppress(CommandFailed):
            return bool(self._ctr("version"))
        return False

    def _ctr(self, *arguments: str) -> str:
        command = ["ctr", f"--address={self._socket}", *arguments]
        return self._cluster.run_until_done(command, seconds=IMPORT_SECONDS)

    @property
    def _socket(self) -> Path:
        return self._folder / "containerd.sock"

    def _write_files(self) -> None:
        values = {"folder": self._folder, "pause": PAUSE, "plugins": PLUGINS}
        (self._folder / "containerd.toml").write_text(CONTAINERD.format(**values))
        runtime = {"containerRuntimeEndpoint": f"unix://{self._socket}"}
        (self._folder / "kubelet.json").write_text(json.dumps({**KUBELET, **runtime}))
        network = self._folder / "cni"
        network.mkdir()
        (network / "10-pods.conflist").write_text(json.dumps(self._describe_network()))

    def _describe_network(self) -> dict[str, Any]:
        addresses = {
            "type": "host-local",
            "ranges": [[{"subnet": PODS}]],
            "routes": [{"dst": "0.0.0.0/0"}],
            "dataDir": str(self._folder / "addresses"),
        }
        bridge = {"type": "bridge", "bridge": "pods0", "isGateway": True, "ipam": addresses}
        return {"cniVersion": "1.0.0", "name": "pods", "plugins": [bridge]}


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
