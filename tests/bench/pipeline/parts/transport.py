"""The transport alone: read a topic, send each record on, commit. Seedwire's frame beside peers.

    python -m tests.bench.pipeline.parts.transport seedwire|batches|faststream KAFKA

Peers run in an environment of their own, `.venv/peers`, because their dependencies are not ours.
Bytewax commits nothing to Kafka; it and Quix commit now and then, Seedwire after every batch.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage

from shared.broker.records import Event, Record
from shared.events.topics import INGESTED, SEEDS
from shared.runtime.run import run
from shared.runtime.service import Service
from shared.settings import Settings, load_settings
from shared.store import Store
from tests.bench.pipeline.builds.floor import send
from tests.bench.pipeline.harness.engines import start_engines
from tests.bench.pipeline.harness.processes import ROOT, Processes, Role
from tests.bench.pipeline.harness.seeds import build_seeds
from tests.bench.pipeline.harness.topics import (
    TopicWatcher,
    create_topics,
    lay_seeds,
    open_producer,
    wait_for,
    watch_topic,
)
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.scale import Scale

PEERS_PYTHON = ROOT / ".venv" / "peers" / "bin" / "python"
PEERS = ("quix", "faust_streams", "bytewax_flow")
OWN = ("batches", "seedwire", "faststream")
TITLES = {
    "batches": "the floor: aiokafka in batches",
    "seedwire": "Seedwire's frame, a batch a handler",
    "faststream": "FastStream, a message a handler",
    "quix": "Quix Streams",
    "faust_streams": "Faust (faust-streaming)",
    "bytewax_flow": "Bytewax",
}
MAX_SECONDS = 60.0
LOOK_SECONDS = 0.01


async def measure_transport(scratch: Path, scale: Scale, report: Report) -> None:
    section = report.begin("The transport alone, beside peers (embedded broker)")
    names = [*OWN, *PEERS]
    if not PEERS_PYTHON.exists():
        section.left_out.append("Quix Streams, Faust and Bytewax: their packages did not install.")
        names = [*OWN]
    floor: tuple[list[float], list[float]] | None = None
    for name in names:
        try:
            measured = await _measure(name, scratch / name, scale)
        except (RuntimeError, TimeoutError) as error:
            reason = str(error).strip().splitlines()
            section.left_out.append(f"{TITLES[name]} did not get through: {reason[0]}")
            continue
        floor = floor or measured
        section.add(f"{TITLES[name]}: throughput", measured[0], "records/s", floor[0])
        section.add(f"{TITLES[name]}: CPU", measured[1], "ms/record", floor[1])


async def _measure(name: str, folder: Path, scale: Scale) -> tuple[list[float], list[float]]:
    """Records a second, and milliseconds of CPU a record, of each repetition."""
    with start_engines("embedded", folder) as engines:
        await create_topics(engines.settings)
        processes = Processes(folder, {**engines.environment, "SEEDWIRE_LOG_LEVEL": "WARNING"})
        async with (
            open_producer(engines.kafka) as producer,
            watch_topic(engines.kafka, INGESTED, by_clock=True) as watcher,
        ):
            passage = Passage(processes, producer, watcher)
            try:
                _start(name, processes, engines.kafka)
                await passage.measure(scale.transport_records // 10)
                measured = [
                    await passage.measure(scale.transport_records) for _ in range(scale.few_repeats)
                ]
            finally:
                processes.stop()
    return [rate for rate, _ in measured], [cpu for _, cpu in measured]


@dataclass
class Passage:
    """A backlog that one process brings from topic to topic."""

    processes: Processes
    producer: AIOKafkaProducer
    watcher: TopicWatcher

    async def measure(self, records: int) -> tuple[float, float]:
        self.watcher.forget()
        self.processes.pause()
        await lay_seeds(self.producer, build_seeds(records, f"passage{time.time_ns()}"))
        cpu = sum(self.processes.read_cpu().values())
        began = time.time()
        self.processes.resume()
        await wait_for(self.watcher, records, MAX_SECONDS, self.processes.check, LOOK_SECONDS)
        cpu = sum(self.processes.read_cpu().values()) - cpu
        seconds = max(self.watcher.arrivals.values()) - began
        return records / max(seconds, 0.001), 1000 * cpu / records


def _start(name: str, processes: Processes, kafka: str) -> None:
    if name in PEERS:
        role = Role(name, [f"tests.bench.pipeline.peers.{name}", kafka])
        processes.start([role], python=str(PEERS_PYTHON))
    else:
        processes.start([Role(name, ["tests.bench.pipeline.parts.transport", name, kafka])])


async def forward(records: Sequence[Record], _: Store) -> list[Event]:
    """What Seedwire's frame is given to do."""
    return [Event(INGESTED, record.key, record.value, ()) for record in records]


def build_frame() -> tuple[Service, Settings]:
    return Service("transport", SEEDS, forward), load_settings(Settings)


async def run_batches(kafka: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", max_batch_size=1_000_000)
    consumer = AIOKafkaConsumer(
        SEEDS,
        bootstrap_servers=kafka,
        group_id="transport.batches",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
    )
    await producer.start()
    await consumer.start()
    while True:
        batches = await consumer.getmany(timeout_ms=500, max_records=500)
        records = [record for batch in batches.values() for record in batch]
        if records:
            await send(producer, [(INGESTED, r.key, r.value, "forwarded") for r in records])
            await consumer.commit()


def build_faststream(kafka: str) -> FastStream:
    broker = KafkaBroker(kafka, acks="all", logger=None)

    @broker.subscriber(
        SEEDS,
        group_id="transport.faststream",
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        fetch_max_wait_ms=100,
    )
    async def pass_on(body: bytes, message: KafkaMessage) -> None:
        await broker.publish(body, INGESTED, key=message.raw_message.key)  # type: ignore[union-attr]

    return FastStream(broker, logger=None)


def main(name: str, kafka: str) -> int:
    if name == "seedwire":
        return run(build_frame)
    asyncio.run(run_batches(kafka) if name == "batches" else build_faststream(kafka).run())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
