"""Settings that every process shares: read once, frozen, checked together, each documented in the README's table."""

import os
import socket
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from shared.errors import EngineAway, SettingsError
from shared.kafka_security import KafkaSecurity

Listed = Annotated[tuple[str, ...], NoDecode]
"""A setting written as `one,two`."""


def _default_home() -> Path:
    """`.seedwire` in the clone, wherever the command is called from; in the current folder when installed elsewhere."""
    clone = Path(__file__).parents[1]
    return (clone if (clone / "pyproject.toml").exists() else Path.cwd()) / ".seedwire"


class Settings(KafkaSecurity):
    """What a service and a command both need. Every name is an environment variable with `SEEDWIRE_` before it."""

    model_config = SettingsConfigDict(env_prefix="SEEDWIRE_", frozen=True, extra="ignore")

    home: Path = Field(default_factory=_default_home)
    store: str = ""  # empty: SQLite in the home folder
    pictures: str = (
        ""  # empty: bytes of pictures lie with the store; or s3://BUCKET/PREFIX?endpoint=…
    )
    kafka: str = ""  # empty: the embedded broker that `seedwire up` started in the home folder

    # A real cluster wants it on. Never used with the embedded broker, which knows no producer ids.
    kafka_idempotence: bool = True
    kafka_replication: int = Field(default=1, ge=1, le=9)
    # A name that stays with a worker over its restarts makes it a static member of its group, whose partitions wait
    # for it. Unique among live processes. Unset: a dynamic member, whose partitions go to others when it ends.
    instance: str = ""
    session_timeout_ms: int = Field(default=6000, ge=500)
    batch_records: int = Field(default=200, ge=1, le=10_000)
    # How long a stop waits for the batch in hand.
    grace_seconds: float = Field(default=15, gt=0)
    # How long one batch waits for an engine before the process gives up and is started anew.
    patience_seconds: float = Field(default=240, gt=0)

    # Past either, a consumer stops instead of refusing everything: a bad deploy is likelier than that many bad seeds.
    invalid_share: float = Field(default=0.01, gt=0, le=1)
    invalid_window: int = Field(default=10_000, ge=100)
    invalid_in_row: int = Field(default=1000, ge=1)

    # Where a service answers /health/live and /health/ready. Unset: nowhere. 0: a free port, which its log names.
    health_port: int | None = Field(default=None, ge=0, le=65_535)
    health_host: str = "127.0.0.1"

    log_level: str = "INFO"

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.patience_seconds <= self.session_timeout_ms / 1000:
            raise ValueError(
                "SEEDWIRE_PATIENCE_SECONDS must be longer than SEEDWIRE_SESSION_TIMEOUT_MS"
            )
        if self.embedded and self.kafka_security != "plaintext":
            raise ValueError(
                f"SEEDWIRE_KAFKA_SECURITY={self.kafka_security} needs SEEDWIRE_KAFKA: the embedded broker knows none"
            )
        return self

    @cached_property
    def store_url(self) -> str:
        """The store's address: as set, or SQLite in the home folder."""
        return self.store or f"sqlite:///{self.home.absolute() / 'seedwire.db'}"

    @property
    def kafka_address_file(self) -> Path:
        """Where `seedwire up` says which port its embedded broker took."""
        return self.home / "run" / "kafka"

    @property
    def kafka_address(self) -> str:
        """`host:port` as set, or of the embedded broker. Raises EngineAway when there is neither."""
        if self.kafka:
            return self.kafka
        try:
            return self.kafka_address_file.read_text().strip()
        except FileNotFoundError as error:
            raise EngineAway(
                "no Kafka: start one with `seedwire up`, or name one in SEEDWIRE_KAFKA"
            ) from error

    @property
    def embedded(self) -> bool:
        """Whether Kafka's place is taken by the broker that `seedwire up` starts."""
        return not self.kafka

    @property
    def batch_limit_seconds(self) -> float:
        """How long a batch may be in hand: its patience, and a minute to work. Then Kafka gives its partitions away."""
        return self.patience_seconds + 60

    @property
    def is_static_member(self) -> bool:
        """Not with the embedded broker, where two that join within four seconds throw each other out for ever."""
        return bool(self.instance) and not self.embedded

    @property
    def way_in_seconds(self) -> float:
        """How long the way into a group may take: others finish their batches first. The embedded broker, whose groups
        can lock for good, takes three seconds, and on a busy machine some more."""
        return 60 if self.embedded else self.batch_limit_seconds

    @cached_property
    def instance_id(self) -> str:
        """Names this process among the live ones."""
        return self.instance or f"{socket.gethostname()}-{os.getpid()}"


SomeSettings = TypeVar("SomeSettings", bound=Settings)


def read(kind: type[SomeSettings]) -> SomeSettings:
    """The settings of the environment. Raises SettingsError: one sentence a setting that is wrong."""
    try:
        return kind()
    except ValidationError as error:
        faults = [f"{_name(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise SettingsError("; ".join(faults)) from error


def _name(location: tuple[int | str, ...]) -> str:
    return f"SEEDWIRE_{str(location[0]).upper()}" if location else "settings"
