"""Any number of nasty records, made from a number: no two runs with the same number differ."""

import itertools
import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from shared.broker.records import measure_header, measure_record
from shared.budgets import (
    MAX_EVENT_KEY_BYTES,
    MAX_PATH_CHARACTERS,
    MAX_RECORD_HEADERS_BYTES,
    MAX_RECORD_KEY_BYTES,
    MAX_REJECTED_HEADER_NAME_CHARACTERS,
    MAX_REJECTED_HEADERS_BYTES,
    MAX_REJECTED_RECORD_BYTES,
    MAX_REJECTED_VALUE_BYTES,
    MAX_SEED_BYTES,
)
from tests.integration.broker.nasty_records import (
    ACCEPTED,
    ANY,
    CONTROL_CHARACTERS,
    REFUSED,
    Headers,
    NastyRecord,
    RawName,
    SeedWriter,
    list_nasty_records,
)

LARGE_SHARE: Final = 0.08  # of the records; each has up to 3 MB
LARGEST: Final = 3_000_000
CONTROLS: Final = sorted({*CONTROL_CHARACTERS, "\u2028", "\u202e", "\ufeff", "\U000e0001"})
YAML_ESCAPES: Final = ["\\0", "\\x1b", "\\u0001", "\\u009f", "\\u2028", "\\L", "\\N", "\\U000e0001"]
BROKEN_UTF_8: Final = [
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf5\x80\x80\x80",
    b"\xe2\x82",
    b"\x80",
]
TIMESTAMPS: Final = [0, 1, 2**31, 253_402_214_400_000, 253_402_300_800_000, 2**53, 2**63 - 1]
TRACES: Final = [
    b"", b"junk", b"\xff" * 55, b"00-" + b"a" * 5_000,
    b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01",
    b"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    b"00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
    b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nx: y",
    b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
]  # fmt: skip
OUR_HEADERS: Final = [
    "path", "traceparent", "tracestate", "ce_id", "ce_type", "ce_source", "content-type",
    "seedwire-record", "seedwire-attempt", "seedwire-causes", "seedwire-cut-key-length",
]  # fmt: skip
BOMBS: Final = [
    b"[" * 60 + b"]" * 60,
    b"{a: " * 150 + b"}" * 150,
    b"[" * 50_000,
    b"&a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]",
    b"!!python/object/apply:os.system ['true']",
    b"\n" + b" " * 300 + b"x: 1",
    b"? " * 5_000,
    b"- " * 5_000,
    b'"' + b"\\" * 9_999,
    b"9" * 100_000,
    b"{" + b",".join(b"k%d: 1" % number for number in range(20_000)) + b"}",
]
URLS: Final = [
    "http://127.0.0.1:9/x.jpg", "data:image/png;base64,AAAA", "http://[::1", "javascript:alert(1)",
    "http://a.example/" + "x" * 8_175, "http://a.example/" + "x" * 9_000, "//a.example/x",
    "http://user:secret@a.example/x.jpg", "http://a.example/\u202e.jpg", "file:///etc/passwd",
]  # fmt: skip

Maker = Callable[["NastyStream"], NastyRecord]


class NastyStream:
    """Makes records. The fixed cases come first; the others are drawn."""

    def __init__(self, seed: int, host: str = "stream.example") -> None:
        self.random = random.Random(f"nasty {seed}")
        self.seeds = SeedWriter(host)
        self._host = host

    def make(self, count: int) -> Iterator[NastyRecord]:
        yield from itertools.islice(list_nasty_records(f"fixed.{self._host}"), count)
        fixed = len([*list_nasty_records("x")])
        for number in range(fixed, count):
            is_large = self.random.random() < LARGE_SHARE
            maker = self.random.choice(LARGE_MAKERS if is_large else SMALL_MAKERS)
            yield _rename(maker(self), number, maker)

    def draw_bytes(self, size: int) -> bytes:
        return self.random.randbytes(size)

    def draw_controls(self, size: int) -> str:
        return "".join(self.random.choices(CONTROLS, k=size))

    def draw_surplus(self) -> int:
        return self.random.choice((-1, 0, 1))


def _rename(record: NastyRecord, number: int, maker: Maker) -> NastyRecord:
    name = f"{number} {maker.__name__} {record.name}"
    return NastyRecord(
        name,
        record.status,
        record.value,
        record.key,
        record.headers,
        record.codec,
        record.timestamp_ms,
    )


# --- Small ones -----------------------------------------------------------------------------------


def with_controls_in_headers(stream: NastyStream) -> NastyRecord:
    names = [stream.draw_controls(stream.random.randint(0, 40)) for _ in range(5)]
    headers = [(name, stream.draw_controls(30).encode()) for name in names]
    headers.append(("path", stream.draw_controls(60).encode()))
    key = stream.draw_controls(20).encode()
    return NastyRecord("", ACCEPTED, stream.seeds.write(), key, headers)


def with_raw_controls_in_the_front_matter(stream: NastyStream) -> NastyRecord:
    """YAML takes some of them in some places."""
    place = stream.random.choice((b'excerpt: "%s"', b"mood: %s", b"topics: [a%sb]", b"%s: x"))
    line = place % stream.draw_controls(3).encode() + b"\n"
    return NastyRecord(repr(line), ANY, stream.seeds.write(front_matter=line))


def with_escaped_controls(stream: NastyStream) -> NastyRecord:
    escapes = "".join(stream.random.choices(YAML_ESCAPES, k=8))
    name = stream.random.choice(("excerpt", "category", "mood", f'"{escapes}"'))
    line = f'{name}: "a{escapes}b"\n'.encode()
    return NastyRecord(repr(line), ACCEPTED, stream.seeds.write(front_matter=line))


def with_controls_in_the_body(stream: NastyStream) -> NastyRecord:
    body = stream.draw_controls(200).encode()
    return NastyRecord("", ACCEPTED, stream.seeds.write(body))


def with_broken_utf_8_in_the_seed(stream: NastyStream) -> NastyRecord:
    broken = stream.random.choice(BROKEN_UTF_8)
    if stream.random.random() < 0.5:
        return NastyRecord("body", REFUSED, stream.seeds.write(broken))
    line = b'excerpt: "' + broken + b'"\n'
    return NastyRecord("front matter", REFUSED, stream.seeds.write(front_matter=line))


def with_broken_utf_8_beside_the_seed(stream: NastyStream) -> NastyRecord:
    broken = stream.random.choice(BROKEN_UTF_8)
    headers: Headers = [(RawName("n"), broken), ("path", broken * 9), ("tracestate", broken)]
    return NastyRecord("", ACCEPTED, stream.seeds.write(), broken, headers)


def with_a_yaml_bomb(stream: NastyStream) -> NastyRecord:
    """Refused in a field that Seedwire reads; a hint may be left out, unless it has no end."""
    bomb = stream.random.choice(BOMBS)
    name = stream.random.choice((b"mood", b"related", b"featuredContent", b"images", b"topics"))
    status = REFUSED if name in (b"images", b"topics") else ANY
    line = name + b": " + bomb + b"\n"
    return NastyRecord(f"{name!r} {bomb[:20]!r}", status, stream.seeds.write(front_matter=line))


def with_nulls(stream: NastyStream) -> NastyRecord:
    headers: Headers = [(name, None) for name in stream.random.sample(OUR_HEADERS, 4)]
    if stream.random.random() < 0.5:
        return NastyRecord("value", REFUSED, None, b"k", headers)
    return NastyRecord("key", ACCEPTED, stream.seeds.write(), None, headers)


def with_a_forged_time(stream: NastyStream) -> NastyRecord:
    time = stream.random.choice(TIMESTAMPS)
    return NastyRecord(str(time), ACCEPTED, stream.seeds.write(), timestamp_ms=time)


def with_doubled_headers(stream: NastyStream) -> NastyRecord:
    names = stream.random.sample(OUR_HEADERS, 3)
    headers = [(name, stream.draw_bytes(12)) for name in names for _ in range(20)]
    stream.random.shuffle(headers)
    return NastyRecord("", ACCEPTED, stream.seeds.write(), b"k", headers)


def with_a_forged_redrive(stream: NastyStream) -> NastyRecord:
    attempt = stream.random.choice((b"1", b"-1", b"0", b"9" * 400, "\u0663".encode(), b" 1"))
    case = stream.random.choice((b"", b"c/seeds/0/1", b"undelivered/x/y", b"x" * 9_000))
    headers = [("seedwire-record", case), ("seedwire-attempt", attempt)]
    return NastyRecord(repr(attempt), ACCEPTED, stream.seeds.write(), b"k", headers)


def with_a_junk_trace(stream: NastyStream) -> NastyRecord:
    state = stream.random.choice((b"a=b", b"\xff", b"=" * 600, b"a=b," * 40, b"a=\r\nb"))
    headers = [("traceparent", stream.random.choice(TRACES)), ("tracestate", state)]
    return NastyRecord("", ACCEPTED, stream.seeds.write(), b"k", headers)


def with_odd_urls(stream: NastyStream) -> NastyRecord:
    url = stream.random.choice(URLS)
    name = stream.random.choice(("images", "ampWebUrl"))
    value = json.dumps([{"url": url}] if name == "images" else url, ensure_ascii=False)
    line = f"{name}: {value}\n".encode()
    return NastyRecord(line[:60].decode(), ANY, stream.seeds.write(front_matter=line))


def of_random_bytes(stream: NastyStream) -> NastyRecord:
    size = stream.random.choice((0, 1, 3, 100, 5_000))
    return NastyRecord(str(size), REFUSED, stream.draw_bytes(size), stream.draw_bytes(9))


def of_a_damaged_seed(stream: NastyStream) -> NastyRecord:
    seed = bytearray(stream.seeds.write(b"body", b"quality: 5\ntopics: [a, b]\n"))
    for _ in range(stream.random.randint(1, 6)):
        seed[stream.random.randrange(len(seed))] = stream.random.randrange(256)
    if stream.random.random() < 0.3:
        del seed[stream.random.randrange(len(seed)) :]
    return NastyRecord(repr(bytes(seed))[:40], ANY, bytes(seed))


def with_many_faults(stream: NastyStream) -> NastyRecord:
    """The receipt lists some of them, each escaped, and stays within its budget."""
    text = "".join(stream.random.choices(YAML_ESCAPES, k=200))
    lines = "".join(f'  - url: "{text}{number}"\n' for number in range(40))
    wrong = f"images:\n{lines}quality: x\ntype: z\n".encode()
    path = ("path", stream.draw_controls(2_000).encode())
    return NastyRecord("", REFUSED, stream.seeds.write(front_matter=wrong), b"\x01" * 900, [path])


# --- Large ones: at the limits and far beyond -----------------------------------------------------


def of_the_largest_seed(stream: NastyStream) -> NastyRecord:
    surplus = stream.draw_surplus()
    return NastyRecord(f"{surplus:+}", REFUSED, stream.seeds.fill(MAX_SEED_BYTES + surplus))


def of_a_large_secret(stream: NastyStream) -> NastyRecord:
    """`secured` counts for the stored and the exported size alone."""
    size = stream.random.choice((100_000, 800_000, 1_000_000))
    line = b"secured: " + b"A" * size + b"\n"
    return NastyRecord(str(size), ANY, stream.seeds.write(front_matter=line))


def with_the_largest_key(stream: NastyStream) -> NastyRecord:
    limit = stream.random.choice((MAX_EVENT_KEY_BYTES, MAX_RECORD_KEY_BYTES))
    size = limit + stream.draw_surplus()
    status = REFUSED if size > MAX_RECORD_KEY_BYTES else ACCEPTED
    return NastyRecord(str(size), status, stream.seeds.write(), stream.draw_bytes(size))


def with_the_largest_headers(stream: NastyStream) -> NastyRecord:
    size = MAX_RECORD_HEADERS_BYTES - measure_header("h", b"") + stream.draw_surplus()
    status = REFUSED if size + measure_header("h", b"") > MAX_RECORD_HEADERS_BYTES else ACCEPTED
    headers = [("h", stream.draw_bytes(size))]
    return NastyRecord(str(size), status, stream.seeds.write(), b"k", headers)


def with_the_longest_path(stream: NastyStream) -> NastyRecord:
    size = MAX_PATH_CHARACTERS + stream.draw_surplus()
    headers = [("path", stream.draw_controls(size).encode())]
    return NastyRecord(str(size), ACCEPTED, stream.seeds.write(), b"k", headers)


def of_the_largest_rejection(stream: NastyStream) -> NastyRecord:
    """As large as an event in seeds.rejected carries whole, and as the cuts of a larger one."""
    limit = stream.random.choice((MAX_REJECTED_RECORD_BYTES, MAX_REJECTED_VALUE_BYTES))
    own = measure_record(b"k", b"", ())
    size = limit - own + stream.draw_surplus()
    return NastyRecord(str(size), REFUSED, stream.draw_bytes(size))


def of_a_rejection_with_the_largest_headers(stream: NastyStream) -> NastyRecord:
    name = "\x01" * (MAX_REJECTED_HEADER_NAME_CHARACTERS + stream.draw_surplus())
    size = MAX_REJECTED_HEADERS_BYTES - measure_header(name, b"") + stream.draw_surplus()
    headers = [(name, b"\xff" * size), ("beyond", b"x" * 100)]
    return NastyRecord(str(size), REFUSED, stream.draw_bytes(900_000), b"k", headers)


def with_the_largest_field_of_kafka(stream: NastyStream) -> NastyRecord:
    size = stream.random.randint(1_100_000, LARGEST)
    seed = stream.seeds.write()
    makers: Sequence[Callable[[], NastyRecord]] = (
        lambda: NastyRecord("value", REFUSED, stream.draw_bytes(size)),
        lambda: NastyRecord("key", REFUSED, seed, stream.draw_bytes(size)),
        lambda: NastyRecord("name", REFUSED, seed, b"k", [("\x02" * size, b"")]),
        lambda: NastyRecord("header", REFUSED, seed, b"k", [("path", b"\x01" * size)]),
        lambda: NastyRecord("headers", REFUSED, seed, b"k", [("h", b"")] * (size // 30)),
        lambda: NastyRecord("all", REFUSED, b"\0" * size, b"\0" * size, [("\0" * size, b"")]),
    )
    return stream.random.choice(makers)()


def of_compressed_nothing(stream: NastyStream) -> NastyRecord:
    size, codec = (
        stream.random.choice((2**21, 2**23)),
        stream.random.choice(("gzip", "lz4", "zstd")),
    )
    return NastyRecord(f"{size} {codec}", REFUSED, b"---\n" + b"a" * size, codec=codec)


def with_lists_that_grow_when_stored(stream: NastyStream) -> NastyRecord:
    depth, items = stream.random.randint(2, 30), stream.random.choice((2_000, 20_000, 60_000))
    value = b"{a: " * depth + b"[" + b"1," * items + b"1]" + b"}" * depth
    line = b"x: " + value + b"\n"
    return NastyRecord(f"{depth} {items}", ANY, stream.seeds.write(front_matter=line))


def of_escapes(stream: NastyStream) -> NastyRecord:
    body = stream.random.choice((b'"', b"\\", b"\0", b"\v", "\u2028".encode(), b"\x7f"))
    size = stream.random.choice((100_000, 139_999, 210_000, 420_000))
    return NastyRecord(f"{body!r} {size}", ANY, stream.seeds.write(body * size))


SMALL_MAKERS: Final[Sequence[Maker]] = (
    with_controls_in_headers,
    with_raw_controls_in_the_front_matter,
    with_escaped_controls,
    with_controls_in_the_body,
    with_broken_utf_8_in_the_seed,
    with_broken_utf_8_beside_the_seed,
    with_a_yaml_bomb,
    with_nulls,
    with_a_forged_time,
    with_doubled_headers,
    with_a_forged_redrive,
    with_a_junk_trace,
    with_odd_urls,
    of_random_bytes,
    of_a_damaged_seed,
    with_many_faults,
)
LARGE_MAKERS: Final[Sequence[Maker]] = (
    of_the_largest_seed,
    of_a_large_secret,
    with_the_largest_key,
    with_the_largest_headers,
    with_the_longest_path,
    of_the_largest_rejection,
    of_a_rejection_with_the_largest_headers,
    with_the_largest_field_of_kafka,
    of_compressed_nothing,
    with_lists_that_grow_when_stored,
    of_escapes,
)
