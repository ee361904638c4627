"""Settings that every process shares: read once, frozen, checked together.

The README's table documents each of them.
"""

import os
import re
import socket
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from shared.errors import DependencyUnavailable, SettingsError
from shared.kafka_security import KafkaSecurity
from shared.secret_files import find_secret_fault, read_secret

CommaSeparated = Annotated[tuple[str, ...], NoDecode]
"""A setting written as `one,two`."""


DEFAULT_SOURCE: Final = "https://seedwire.io/newsroom/local"
"""Of installations that nobody else reads."""

MAX_SOURCE_CHARACTERS: Final = 300
_ABSOLUTE_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")


def _default_home() -> Path:
    """`.seedwire` in the clone, wherever the command is called from.

    In the current folder when Seedwire is installed elsewhere.
    """
    clone = Path(__file__).parents[1]
    if not (clone / "pyproject.toml").exists():
        clone = Path.cwd()
    return clone / ".seedwire"


class Settings(KafkaSecurity):
    """What services and commands both need.

    Every field is an environment variable with `SEEDWIRE_` before its name.
    """

    model_config = SettingsConfigDict(env_prefix="SEEDWIRE_", frozen=True, extra="ignore")

    # The state directory.
    home: Path = Field(default_factory=_default_home)
    # Empty: SQLite in the state directory.
    store: str = ""
    # Its content is the store's URL, with its password, in place of `store`.
    store_file: Path | None = None
    # Empty: picture bytes are kept with the store. Or s3://BUCKET/PREFIX?endpoint=…
    pictures: str = ""
    # Empty: the embedded broker that `seedwire up` started in the state directory.
    kafka: str = ""
    # Where the embedded broker's clients connect: Kafka's own port. 0: a free one.
    broker_port: int = Field(default=9092, ge=0, le=65_535)

    # The CloudEvents source of every event of this installation, which another one must not share.
    source: str = DEFAULT_SOURCE

    # A real cluster wants it on. Never used with the embedded broker, which has no producer ids.
    kafka_idempotence: bool = True
    kafka_replication: int = Field(default=1, ge=1, le=9)
    # A name that stays with a worker over its restarts makes the worker a static member of its
    # group, whose partitions wait for it. Must be unique among live processes. Empty: a dynamic
    # member, whose partitions go to others when it ends.
    instance: str = ""
    session_timeout_ms: int = Field(default=6000, ge=500)
    batch_records: int = Field(default=200, ge=1, le=10_000)
    # The grace period: how long a stop waits for the batches in flight.
    grace_seconds: float = Field(default=15, gt=0)
    # How long one batch waits for an unavailable dependency before the process ends.
    retry_seconds: float = Field(default=240, gt=0)

    # Past either limit a consumer halts instead of rejecting everything: a bad deploy is likelier
    # than that many invalid seeds.
    invalid_share: float = Field(default=0.01, gt=0, le=1)
    invalid_window: int = Field(default=10_000, ge=100)
    invalid_in_row: int = Field(default=5000, ge=1)

    # Where a service serves /health/live and /health/ready. Unset: nowhere. 0: on a free port,
    # which its log names.
    health_port: int | None = Field(default=None, ge=0, le=65_535)
    health_host: str = "127.0.0.1"
    # The file in which a service writes where that is. The supervisor sets it.
    health_file: Path | None = None
    # Where the supervisor serves /metrics, and /targets with the addresses of its processes. Unset:
    # nowhere. At SEEDWIRE_HEALTH_HOST, like health.
    metrics_port: int | None = Field(default=None, ge=0, le=65_535)

    log_level: str = "INFO"
    # Text for people, or one JSON object a line for programs that collect logs.
    log_format: Literal["text", "json"] = "text"

    @field_validator("source")
    @classmethod
    def _check_source(cls, source: str) -> str:
        has_host = re.match(r"https?:(?!//[^/?])", source, re.IGNORECASE) is None
        is_absolute = _ABSOLUTE_URI.fullmatch(source) is not None
        if not is_absolute or not has_host or len(source) > MAX_SOURCE_CHARACTERS:
            raise ValueError(
                "expected an absolute URI that names this installation, of at most "
                f"{MAX_SOURCE_CHARACTERS} characters, such as https://news.example/production; "
                f"found {source[:MAX_SOURCE_CHARACTERS]!r}"
            )
        return source

    @model_validator(mode="after")
    def _check_store(self) -> Self:
        if self.store_file is None:
            return self
        if self.store:
            raise ValueError("SEEDWIRE_STORE and SEEDWIRE_STORE_FILE are both set: set one of them")
        if fault := find_secret_fault("SEEDWIRE_STORE_FILE", self.store_file):
            raise ValueError(fault)
        return self

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.retry_seconds <= self.session_timeout_ms / 1000:
            raise ValueError(
                "SEEDWIRE_RETRY_SECONDS must be longer than SEEDWIRE_SESSION_TIMEOUT_MS"
            )
        if self.is_embedded and self.kafka_security != "plaintext":
            raise ValueError(
                f"SEEDWIRE_KAFKA_SECURITY={self.kafka_security} needs SEEDWIRE_KAFKA: "
                "the embedded broker has no security"
            )
        return self

    @cached_property
    def store_url(self) -> str:
        """The store's URL: as set, or SQLite in the state directory."""
        if self.store_file is not None:
            return read_secret("SEEDWIRE_STORE_FILE", self.store_file)
        return self.store or f"sqlite:///{self.home.absolute() / 'seedwire.db'}"

    @property
    def kafka_address_file(self) -> Path:
        """Where `seedwire up` writes the address of the gateway before its embedded broker."""
        return self.home / "run" / "kafka"

    @property
    def kafka_address(self) -> str:
        """`host:port` as set, or of the gateway before the embedded broker.

        Raises DependencyUnavailable when there is neither.
        """
        if self.kafka:
            return self.kafka
        try:
            return self.kafka_address_file.read_text().strip()
        except FileNotFoundError as error:
            raise DependencyUnavailable(
                "no Kafka: start one with `seedwire up`, or name one in SEEDWIRE_KAFKA"
            ) from error

    @property
    def is_embedded(self) -> bool:
        """Whether the broker that `seedwire up` starts takes Kafka's place."""
        return not self.kafka

    @property
    def is_source_unnamed(self) -> bool:
        """Whether other teams could take this installation's events for those of another."""
        return not self.is_embedded and self.source == DEFAULT_SOURCE

    @property
    def batch_limit_seconds(self) -> float:
        """How long a batch may be in flight: the retry deadline, and a minute to work.

        After that Kafka gives its partitions to another member.
        """
        return self.retry_seconds + 60

    @property
    def is_static_member(self) -> bool:
        """Whether the process is a static member of its groups.

        Not with the embedded broker: where no gateway is before it, two static members that join
        within four seconds evict each other for ever.
        """
        return bool(self.instance) and not self.is_embedded

    @property
    def group_join_seconds(self) -> float:
        """How long joining a group may take: the other members finish their batches first.

        Joining takes a fraction of a second at the gateway, three seconds at the embedded broker
        itself, and longer on a busy machine; but the broker's own groups can lock for good.
        """
        if self.is_embedded:
            return 60
        return self.batch_limit_seconds

    @cached_property
    def instance_id(self) -> str:
        """Names this process among the live ones."""
        return self.instance or f"{socket.gethostname()}-{os.getpid()}"


SomeSettings = TypeVar("SomeSettings", bound=Settings)


def load_settings(
    kind: type[SomeSettings], values: Mapping[str, Any] = MappingProxyType({})
) -> SomeSettings:
    """The settings in the environment, except for *values*, by name.

    Raises SettingsError: one sentence per wrong setting.
    """
    try:
        return kind(**values)
    except ValidationError as error:
        faults = [f"{_variable(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise SettingsError("; ".join(faults)) from error


def _variable(location: tuple[int | str, ...]) -> str:
    return f"SEEDWIRE_{str(location[0]).upper()}" if location else "settings"
