"""`python -m deploy.embedded.gateway --broker HOST:PORT --port PORT`: runs until SIGTERM."""

import argparse
import asyncio
import logging
import signal
import sys

from deploy.embedded.gateway.server import Gateway
from deploy.embedded.gateway.session import Address


def main() -> int:
    options = _build_parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    advertised = Address(*_parse_address(options.advertised)) if options.advertised else None
    asyncio.run(_run(Gateway(_parse_address(options.broker), options.port, advertised)))
    return 0


async def _run(gateway: Gateway) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with gateway:
        await stopping.wait()


def _parse_address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m deploy.embedded.gateway", description=__doc__)
    parser.add_argument("--broker", required=True, help="host:port of the embedded broker")
    parser.add_argument("--port", required=True, type=int, help="the port for clients")
    parser.add_argument("--advertised", help="host:port of a proxy that clients are sent to")
    return parser


if __name__ == "__main__":
    sys.exit(main())
