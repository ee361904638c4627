"""A Kubernetes without machines: its database, API server, controllers and scheduler.

Everything listens on loopback, at ports that the system chose, keeps its files in one folder, and
dies with the tests.
"""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from deploy.embedded.ports import LOOPBACK, find_free_ports
from tests.command_runner import CommandFailed, run_command

START_SECONDS: Final = 120.0
COMMAND_SECONDS: Final = 120.0
SERVICES: Final = "10.96.0.0/16"
ISSUER: Final = "https://kubernetes.default.svc"
KUBECONFIG: Final = """\
apiVersion: v1
kind: Config
clusters: [{{name: tests, cluster: {{server: {server}, insecure-skip-tls-verify: true}}}}]
users: [{{name: tests, user: {{token: {token}}}}}]
contexts: [{{name: tests, context: {{cluster: tests, user: tests}}}}]
current-context: tests
"""


class ControlPlane:
    """The processes of a cluster that hold no pods. *programs* is where they are."""

    def __init__(
        self,
        programs: Path,
        folder: Path,
        address: str = LOOPBACK,
        network: Sequence[str] = (),
    ) -> None:
        """*network* is what to put before a command so that it runs where *address* is."""
        self.folder = folder
        self.kubeconfig = folder / "kubeconfig"
        self._programs = programs
        self._address = address
        self._network = [*network]
        self._stack = ExitStack()

    def start(self) -> None:
        """Start everything, and wait until the API server is ready."""
        client, peer, secure = find_free_ports(3)
        self._write_files(f"https://{self._address}:{secure}")
        database = f"http://{LOOPBACK}:{client}"
        self._start_database(database, f"http://{LOOPBACK}:{peer}")
        self._start_server(database, secure)
        self._wait_until_ready()
        quiet = [f"--kubeconfig={self.kubeconfig}", "--leader-elect=false", "--secure-port=0"]
        key = f"--service-account-private-key-file={self._key}"
        # A node that is gone for a minute on a busy machine must not lose its pods.
        patient = "--node-monitor-grace-period=300s"
        self._run_program("kube-controller-manager", *quiet, key, patient)
        self._run_program("kube-scheduler", *quiet)

    def stop(self) -> None:
        """Kill everything that was started."""
        self._stack.close()

    def kubectl(self, *arguments: str, stdin: str = "", seconds: float = COMMAND_SECONDS) -> str:
        """Run `kubectl`; returns what it printed. Raises CommandFailed."""
        own = (str(self._programs / "kubectl"), f"--kubeconfig={self.kubeconfig}")
        return self.run_until_done([*own, *arguments], stdin=stdin, seconds=seconds)

    def run_until_done(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        stdin: str = "",
        seconds: float = COMMAND_SECONDS,
    ) -> str:
        """Run *command* in the network of the cluster; returns what it printed.

        Raises CommandFailed.
        """
        return run_command(
            [*self._network, *command],
            environment={"HOME": str(self.folder), **(environment or {})},
            stdin=stdin,
            seconds=seconds,
        )

    def _run_program(self, name: str, *arguments: str) -> None:
        self.run(name, [str(self._programs / name), *arguments])

    def run(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start *command*, which logs into the folder and dies with the tests, however they end."""
        log = self._stack.enter_context((self.folder / f"{name}.log").open("ab"))
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", *self._network, *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process

    def read_log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    @property
    def _key(self) -> Path:
        return self.folder / "service-accounts.pem"

    def _write_files(self, server: str) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        self._key.write_bytes(pem)
        token = os.urandom(16).hex()
        (self.folder / "tokens.csv").write_text(f"{token},tests,tests,system:masters\n")
        self.kubeconfig.write_text(KUBECONFIG.format(server=server, token=token))

    def _start_database(self, client: str, peer: str) -> None:
        options = {
            "name": "tests",
            "data-dir": str(self.folder / "etcd"),
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"tests={peer}",
            "unsafe-no-fsync": "true",  # it is thrown away afterwards
        }
        self.run("etcd", ["etcd", *(f"--{name}={value}" for name, value in options.items())])

    def _start_server(self, database: str, port: int) -> None:
        self._run_program(
            "kube-apiserver",
            f"--etcd-servers={database}",
            f"--bind-address={self._address}",
            f"--advertise-address={self._address}",
            f"--secure-port={port}",
            f"--cert-dir={self.folder / 'certificates'}",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            f"--service-account-issuer={ISSUER}",
            f"--service-account-key-file={self._key}",
            f"--service-account-signing-key-file={self._key}",
            f"--service-cluster-ip-range={SERVICES}",
            "--endpoint-reconciler-type=none",
            "--allow-privileged=true",  # so that it is the namespace that refuses them
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.kubectl("get", "--raw", "/readyz")
            except CommandFailed as error:
                if time.monotonic() > deadline:
                    logs = self.read_log("etcd")[-1500:] + self.read_log("kube-apiserver")[-3000:]
                    raise CommandFailed(
                        f"the API server does not start: {error}\n{logs}"
                    ) from error
            else:
                return
            time.sleep(0.5)
