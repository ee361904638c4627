"""`python -m tests.engines`: fetches and checks the test engines, or runs one in the foreground."""

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Final

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.errors import EngineError
from deploy.embedded.server import Server
from tests.engines.check import check_engines
from tests.engines.fetch import DEFAULT_TARGET, fetch_jars
from tests.engines.kafka import KafkaCluster
from tests.engines.mongo import MongoStandIn

EXAMPLES: Final = """\
examples:
  python -m tests.engines fetch
  python -m tests.engines check
  python -m tests.engines kafka --nodes 3
  python -m tests.engines mongo --mode sync --dir data --port 27017
  python -m tests.engines tansu --port 9092

An engine prints one line of JSON with its address when it is ready. It stops on SIGTERM or Ctrl-C.
Without --dir its data is deleted when it stops.
"""
_CHECK_INTERVAL_SECONDS: Final = 0.2


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0: done, or stopped by a signal; 1: no engine, with the reason on stderr."""
    options = _build_parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, _exit)
    try:
        _run_command(options)
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _run_command(options: argparse.Namespace) -> None:
    match options.command:
        case "fetch":
            print(fetch_jars(options.dir or DEFAULT_TARGET))
        case "check":
            check_engines(fetch_jars(options.dir or DEFAULT_TARGET))
        case _:
            _run_engine(options)


def _run_engine(options: argparse.Namespace) -> None:
    with ExitStack() as stack:
        workdir = options.dir
        if workdir is None:
            temporary = tempfile.TemporaryDirectory(prefix="seedwire-")
            workdir = Path(stack.enter_context(temporary))
        engine = stack.enter_context(_BUILDERS[options.command](options, workdir))
        print(json.dumps(engine.describe()), flush=True)
        while True:
            engine.check()
            time.sleep(_CHECK_INTERVAL_SECONDS)


def _exit(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # a second signal must not interrupt the stop
    raise SystemExit(0)


def _build_kafka(options: argparse.Namespace, workdir: Path) -> Server:
    return KafkaCluster(fetch_jars(), workdir, options.nodes, port=options.port)


def _build_mongo(options: argparse.Namespace, workdir: Path) -> Server:
    return MongoStandIn(fetch_jars(), workdir, options.mode, options.port)


def _build_tansu(options: argparse.Namespace, workdir: Path) -> Server:
    return EmbeddedBroker(workdir, options.port)


_BUILDERS: Final[dict[str, Callable[[argparse.Namespace, Path], Server]]] = {
    "kafka": _build_kafka,
    "mongo": _build_mongo,
    "tansu": _build_tansu,
}


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m tests.engines",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="fetch|check|kafka|mongo|tansu"
    )
    commands.add_parser(
        "fetch", help="fetch the jars of kafka and mongo (needs Java 17, javac and Maven)"
    )
    commands.add_parser("check", help="fetch them, and start each once")
    kafka = commands.add_parser("kafka", help="Apache Kafka")
    kafka.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    mongo = commands.add_parser("mongo", help="mongo-java-server in MongoDB's place")
    mongo.add_argument(
        "--mode",
        choices=("memory", "sync"),
        default="memory",
        help="sync: an acknowledged write survives a crash",
    )
    commands.add_parser("tansu", help="the embedded broker; keeps nothing")
    for command in commands.choices.values():
        command.add_argument("--dir", type=Path, help="the folder of its files")
    for engine in _BUILDERS:
        commands.choices[engine].add_argument("--port", type=int, help="instead of a free one")
    return parser


if __name__ == "__main__":
    sys.exit(main())
