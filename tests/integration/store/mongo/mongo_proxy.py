"""A proxy between the driver and MongoDB that injects faults the stand-in never shows.

A fault is armed for the next command of a name on a collection; every other message passes
unchanged. Source: the MongoDB wire protocol, OP_MSG.
"""

import asyncio
import struct
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import bson

_HEADER = struct.Struct("<iiii")  # length, request id, response to, operation
_OP_MSG = 2013
_STATEMENTS = {"insert": "documents", "update": "updates", "delete": "deletes"}

Document = dict[str, Any]


@dataclass
class Message:
    """A command: its document, with the lists of statements as fields of it."""

    request_id: int
    flags: int
    command: Document

    @property
    def name(self) -> str:
        return next(iter(self.command))

    @property
    def collection(self) -> Any:
        return self.command[self.name]

    @property
    def statements(self) -> list[Document]:
        listed: list[Document] = self.command.get(_STATEMENTS.get(self.name, ""), [])
        return listed

    def take(self, count: int) -> "Message":
        """The same command with only its first statements."""
        command = {**self.command, _STATEMENTS[self.name]: self.statements[:count]}
        return Message(self.request_id, self.flags, command)


@dataclass
class Fault:
    """What happens to one command.

    *executed* is how many of its statements reach the server (None: all of them, 0: none). *answer*
    is what the driver gets instead of the server's answer; without one its connection is cut, or,
    if *silent*, it gets no answer at all. *before* runs first: what another writer does at the same
    time. A command that *passes* is only delayed by that, and gets the server's own answer; it has
    *passed* once the server gave it, even if the driver does not wait for it any more.
    """

    command: str
    collection: Any
    executed: int | None = None
    answer: Document | None = None
    silent: bool = False
    passes: bool = False
    before: Callable[[], Awaitable[object]] | None = None
    passed: asyncio.Event = field(default_factory=asyncio.Event)

    def meets(self, message: Message) -> bool:
        return (self.command, self.collection) == (message.name, message.collection)


@dataclass
class MongoProxy:
    """Listens on a free port of the loopback address while the block runs."""

    host: str
    port: int
    commands: list[Message] = field(default_factory=list)  # all that came through, in order
    _faults: list[Fault] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def armed(self) -> int:
        """How many faults no command has met yet."""
        return len(self._faults)

    def arm(self, *faults: Fault) -> None:
        self._faults += faults

    def url(self, database: str, **options: object) -> str:
        """The URL of a database behind the proxy, for a driver that retries nothing by itself."""
        query = {
            "directConnection": "true",
            "retryWrites": "false",
            "retryReads": "false",
            **options,
        }
        port = self._server.sockets[0].getsockname()[1]
        encoded = "&".join(f"{name}={value}" for name, value in query.items())
        return f"mongodb://127.0.0.1:{port}/{database}?{encoded}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection of the driver with a connection of its own to the server."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        server_reader, server_writer = await asyncio.open_connection(self.host, self.port)
        try:
            while True:
                raw = await _read_message(reader)
                await self._forward(raw, writer, server_reader, server_writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # one of the two connections was cut, by a fault or by its peer
        finally:
            writer.close()
            server_writer.close()
            self._tasks.discard(task)

    async def _forward(
        self,
        raw: bytes,
        writer: asyncio.StreamWriter,
        server_reader: asyncio.StreamReader,
        server_writer: asyncio.StreamWriter,
    ) -> None:
        """Pass one message on and its answer back, unless the message meets a fault."""
        message = _parse(raw)
        if message is not None:
            self.commands.append(message)
        fault = self._take_fault(message) if message else None
        if fault is not None and fault.before is not None:
            await fault.before()
        if message is None or fault is None or fault.passes:
            server_writer.write(raw)
            answer = await _read_message(server_reader)
            if fault is not None:
                fault.passed.set()
            writer.write(answer)
            return
        if fault.executed != 0:
            server_writer.write(_reduce(raw, message, fault))
            await _read_message(server_reader)
        await _answer(message, fault, writer)

    def _take_fault(self, message: Message) -> Fault | None:
        """The first armed fault that the message meets; it is armed no longer."""
        for fault in self._faults:
            if fault.meets(message):
                self._faults.remove(fault)
                return fault
        return None


def _reduce(raw: bytes, message: Message, fault: Fault) -> bytes:
    """What reaches the server of a command that meets *fault*."""
    return raw if fault.executed is None else _pack(message.take(fault.executed), response_to=0)


async def _answer(message: Message, fault: Fault, writer: asyncio.StreamWriter) -> None:
    """What the driver gets. Raises ConnectionResetError to cut its connection."""
    if fault.answer is not None:
        answer = Message(message.request_id + 1, 0, fault.answer)
        writer.write(_pack(answer, response_to=message.request_id))
    elif fault.silent:
        await asyncio.Event().wait()
    else:
        raise ConnectionResetError("cut")


async def _read_message(reader: asyncio.StreamReader) -> bytes:
    prefix = await reader.readexactly(4)
    (length,) = struct.unpack("<i", prefix)
    return prefix + await reader.readexactly(length - 4)


def _parse(raw: bytes) -> Message | None:
    """The command, or None for the messages of the older protocol with which a driver begins."""
    _, request_id, _, operation = _HEADER.unpack_from(raw)
    if operation != _OP_MSG:
        return None
    (flags,) = struct.unpack_from("<i", raw, _HEADER.size)
    command: Document = {}
    lists: Document = {}
    for name, documents in _read_sections(raw, _HEADER.size + 4):
        if name is None:
            command |= documents[0]
        else:
            lists[name] = documents
    return Message(request_id, flags, command | lists)


def _read_sections(raw: bytes, at: int) -> Iterator[tuple[str | None, list[Document]]]:
    """The sections of a message: one document without a name, and named lists of documents."""
    while at < len(raw):
        is_list = raw[at] == 1
        (size,) = struct.unpack_from("<i", raw, at + 1)
        body, at = raw[at + 1 : at + 1 + size], at + 1 + size
        if is_list:
            name, _, documents = body[4:].partition(b"\0")
            yield name.decode(), list(bson.decode_all(documents))
        else:
            yield None, [bson.decode(body)]


def _pack(message: Message, response_to: int) -> bytes:
    body = struct.pack("<i", message.flags) + b"\0" + bson.encode(message.command)
    length = _HEADER.size + len(body)
    return _HEADER.pack(length, message.request_id, response_to, _OP_MSG) + body


def refuse(code: int, name: str) -> Document:
    """The answer to a command that was not executed."""
    return {"ok": 0.0, "code": code, "codeName": name, "errmsg": f"{name}, by the proxy"}


def report_written(
    count: int, *errors: tuple[int, int], upserted: tuple[tuple[int, object], ...] = ()
) -> Document:
    """The answer to a bulk write of which *count* statements were executed.

    *errors* are the positions of failed statements with their codes.
    """
    answer: Document = {"ok": 1.0, "n": count, "nModified": count - len(upserted)}
    if errors:
        answer["writeErrors"] = [
            {"index": index, "code": code, "errmsg": f"code {code}, by the proxy"}
            for index, code in errors
        ]
    if upserted:
        answer["upserted"] = [{"index": index, "_id": key} for index, key in upserted]
    return answer
