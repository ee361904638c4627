"""Between a driver and MongoDB: what the stand-in never shows is done to its messages, on the wire.

A fault is armed for the next command of a name on a collection. Everything else goes through as it came.
Source: the MongoDB wire protocol, OP_MSG.
"""

import asyncio
import struct
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import bson

_HEADER = struct.Struct("<iiii")  # length, request, response to, kind
_OP_MSG = 2013
_LISTS = {"insert": "documents", "update": "updates", "delete": "deletes"}

Document = dict[str, Any]


@dataclass
class Message:
    """A command: its document, with the lists of statements folded in."""

    request: int
    flags: int
    command: Document

    @property
    def name(self) -> str:
        return next(iter(self.command))

    @property
    def statements(self) -> list[Document]:
        found: list[Document] = self.command.get(_LISTS.get(self.name, ""), [])
        return found

    def first(self, count: int) -> "Message":
        """The same with the first statements alone."""
        return Message(
            self.request, self.flags, {**self.command, _LISTS[self.name]: self.statements[:count]}
        )


@dataclass
class Fault:
    """What happens to one command.

    *executed* is how many of its statements reach the server (None: all of them, 0: none). *answer* is what the driver
    gets instead of the server's answer; without one its connection is cut, or, if *silent*, nothing comes any more.
    *before* happens first: what another writer does at the same time.
    """

    command: str
    collection: str
    executed: int | None = None
    answer: Document | None = None
    silent: bool = False
    before: Callable[[], Awaitable[object]] | None = None


@dataclass
class MongoProxy:
    """Listens on a free port of loopback while the block runs."""

    host: str
    port: int
    _faults: list[Fault] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def left(self) -> int:
        """Faults that no command has met yet."""
        return len(self._faults)

    def arm(self, *faults: Fault) -> None:
        self._faults += faults

    def url(self, name: str, **options: object) -> str:
        """Of a database behind the proxy, by a driver that repeats nothing by itself."""
        given = {
            "directConnection": "true",
            "retryWrites": "false",
            "retryReads": "false",
            **options,
        }
        port = self._server.sockets[0].getsockname()[1]
        return f"mongodb://127.0.0.1:{port}/{name}?" + "&".join(
            f"{key}={value}" for key, value in given.items()
        )

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
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

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        behind = await asyncio.open_connection(self.host, self.port)
        try:
            while True:
                await self._one(await _read(reader), writer, *behind)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # cut, by us or by them
        finally:
            for each in (writer, behind[1]):
                each.close()
            self._tasks.discard(task)

    async def _one(
        self,
        raw: bytes,
        writer: asyncio.StreamWriter,
        up: asyncio.StreamReader,
        to: asyncio.StreamWriter,
    ) -> None:
        message = _parsed(raw)
        fault = self._met(message)
        if fault is None:
            to.write(raw)
            writer.write(await _read(up))
            return
        assert message is not None
        if fault.before is not None:
            await fault.before()
        if fault.executed != 0:
            to.write(raw if fault.executed is None else _packed(message.first(fault.executed), 0))
            await _read(up)
        if fault.answer is not None:
            writer.write(_packed(Message(message.request + 1, 0, fault.answer), message.request))
        elif fault.silent:
            await asyncio.Event().wait()
        else:
            raise ConnectionResetError("cut")

    def _met(self, message: Message | None) -> Fault | None:
        for fault in self._faults:
            if message and (fault.command, fault.collection) == (
                message.name,
                message.command[message.name],
            ):
                self._faults.remove(fault)
                return fault
        return None


async def _read(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(4)
    (length,) = struct.unpack("<i", head)
    return head + await reader.readexactly(length - 4)


def _parsed(raw: bytes) -> Message | None:
    """The command, or None for the old messages that a driver greets with."""
    _, request, _, kind = _HEADER.unpack_from(raw)
    if kind != _OP_MSG:
        return None
    (flags,) = struct.unpack_from("<i", raw, _HEADER.size)
    command: Document = {}
    for name, documents in _sections(raw, _HEADER.size + 4):
        command |= documents[0] if name is None else {name: documents}
    return Message(request, flags, command)


def _sections(raw: bytes, at: int) -> Iterator[tuple[str | None, list[Document]]]:
    """The sections: a document without a name, or a named list. The nameless one comes first."""
    found: list[tuple[str | None, list[Document]]] = []
    while at < len(raw):
        (size,) = struct.unpack_from("<i", raw, at + 1)
        body, at, is_list = raw[at + 1 : at + 1 + size], at + 1 + size, raw[at] == 1
        if is_list:
            name, _, documents = body[4:].partition(b"\0")
            found.append((name.decode(), list(bson.decode_all(documents))))
        else:
            found.append((None, [bson.decode(body)]))
    return iter(sorted(found, key=lambda section: section[0] is not None))


def _packed(message: Message, response_to: int) -> bytes:
    body = struct.pack("<i", message.flags) + b"\0" + bson.encode(message.command)
    return _HEADER.pack(_HEADER.size + len(body), message.request, response_to, _OP_MSG) + body


def refusal(code: int, name: str) -> Document:
    """A command that was not executed."""
    return {"ok": 0.0, "code": code, "codeName": name, "errmsg": f"{name}, by the proxy"}


def written(
    count: int, *errors: tuple[int, int], upserted: tuple[tuple[int, object], ...] = ()
) -> Document:
    """A bulk of which *count* statements were done; *errors* are the positions of others with their codes."""
    faults = [
        {"index": index, "code": code, "errmsg": f"code {code}, by the proxy"}
        for index, code in errors
    ]
    inserted = [{"index": index, "_id": key} for index, key in upserted]
    answer: Document = {"ok": 1.0, "n": count, "nModified": count - len(inserted)}
    return {
        **answer,
        **({"writeErrors": faults} if faults else {}),
        **({"upserted": inserted} if inserted else {}),
    }
