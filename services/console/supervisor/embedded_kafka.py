"""What takes Kafka's place on one machine: the embedded broker, and the gateway before it."""

import logging
import time
from typing import Final

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.client_gateway import ClientGateway
from deploy.embedded.errors import EngineError
from services.console.supervisor.state_dir import StateDir, write_atomically
from shared.broker.topic_creation import create_missing_topics
from shared.errors import KafkaUnavailable
from shared.events.topics import load_topics
from shared.settings import Settings

log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 5.0  # between two attempts to start a gateway again


class EmbeddedKafka:
    """Runs both, and writes the gateway's address into the state directory.

    Everybody connects to the gateway: services and commands as well as other teams' clients.
    """

    def __init__(self, state_dir: StateDir, settings: Settings) -> None:
        self._state_dir = state_dir
        self._settings = settings
        self._broker = EmbeddedBroker(state_dir.log_dir)
        self._gateway = ClientGateway(state_dir.log_dir, self._broker, settings.broker_port)
        self._retry_at = 0.0

    @property
    def is_broker_alive(self) -> bool:
        return self._broker.is_alive

    async def start(self) -> None:
        """Return when both are ready. Raises EngineError, and then neither runs.

        The ports are those of the start before, if there was one. Clients are let in when the
        topics are there: one that finds none asks again after minutes.
        """
        self._gateway.require_port()
        self._broker.start()
        try:
            await self._create_topics()
            self._gateway.start()
        except EngineError:
            self._broker.stop()
            raise
        write_atomically(self._state_dir.kafka_address_file, self._gateway.bootstrap)
        log.info(
            "Kafka clients connect to %s, behind which is the embedded broker on %s",
            self._gateway.bootstrap,
            self._broker.bootstrap,
        )

    async def _create_topics(self) -> None:
        """In the broker itself, as long as nobody else can connect."""
        at_broker = self._settings.model_copy(update={"kafka": self._broker.bootstrap})
        try:
            await create_missing_topics(at_broker, load_topics())
        except KafkaUnavailable as error:
            log.warning("the topics are left to the services: %s", error)

    def stop(self) -> None:
        """Block until both are gone."""
        self._gateway.stop()
        self._broker.stop()

    def keep_gateway_running(self) -> None:
        """Start the gateway again if it ended. Services join their groups again."""
        if self._gateway.is_alive or time.monotonic() < self._retry_at:
            return
        log.error("the gateway before the embedded broker ended: starting it again")
        try:
            self._gateway.start()
        except EngineError as error:
            log.error("%s", error)
            self._retry_at = time.monotonic() + RETRY_SECONDS
