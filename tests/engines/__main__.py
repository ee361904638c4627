"""`python -m tests.engines`: fetches and checks the test engines, or runs one engine in the foreground."""

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

from deploy.embedded.broker import Tansu
from deploy.embedded.errors import EngineError
from deploy.embedded.server import Server
from tests.engines.check import check
from tests.engines.fetch import DEFAULT_TARGET, fetch
from tests.engines.kafka import KafkaCluster
from tests.engines.mongo import MongoStandIn

EXAMPLES = """\
examples:
  python -m tests.engines fetch
  python -m tests.engines check
  python -m tests.engines kafka --nodes 3
  python -m tests.engines mongo --mode sync --dir data --port 27017
  python -m tests.engines tansu --port 9092

An engine prints one line of JSON with its address when it is ready, and stops on SIGTERM or Ctrl-C.
Without --dir its data is thrown away when it stops.
"""
_GLANCE = 0.2  # seconds between two looks at whether the engine still lives


def main(arguments: list[str] | None = None) -> int:
    """0: done, or stopped by a signal; 1: there is no engine, with the reason on stderr."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        if options.command == "fetch":
            print(fetch(options.dir or DEFAULT_TARGET))
        elif options.command == "check":
            check(fetch(options.dir or DEFAULT_TARGET))
        else:
            _run(options)
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace) -> None:
    with ExitStack() as things:
        workdir = options.dir or Path(
            things.enter_context(tempfile.TemporaryDirectory(prefix="seedwire-"))
        )
        engine = things.enter_context(_SERVERS[options.command](options, workdir))
        print(json.dumps(engine.card()), flush=True)
        while True:
            engine.check()
            time.sleep(_GLANCE)


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # a second one must not interrupt the stop
    raise SystemExit(0)


_SERVERS: dict[str, Callable[[argparse.Namespace, Path], Server]] = {
    "kafka": lambda options, folder: KafkaCluster(
        fetch(), folder, options.nodes, port=options.port
    ),
    "mongo": lambda options, folder: MongoStandIn(fetch(), folder, options.mode, options.port),
    "tansu": lambda options, folder: Tansu(folder, options.port),
}


def _parser() -> argparse.ArgumentParser:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m tests.engines", None, __doc__, EXAMPLES, formatter_class=shape
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="fetch|check|kafka|mongo|tansu"
    )
    commands.add_parser(
        "fetch", help="bring the jars of kafka and mongo (needs Java 17, javac and Maven)"
    )
    commands.add_parser("check", help="bring them, and start each once")
    kafka = commands.add_parser("kafka", help="Apache Kafka")
    kafka.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    mongo = commands.add_parser("mongo", help="mongo-java-server in MongoDB's place")
    mongo.add_argument(
        "--mode",
        choices=("memory", "sync"),
        default="memory",
        help="sync: an acknowledged write stays",
    )
    commands.add_parser("tansu", help="the embedded broker; keeps nothing")
    for command in commands.choices.values():
        command.add_argument("--dir", type=Path, help="where its files go")
    for engine in _SERVERS:
        commands.choices[engine].add_argument("--port", type=int, help="instead of a free one")
    return parser


if __name__ == "__main__":
    sys.exit(main())
