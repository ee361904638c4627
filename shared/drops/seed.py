"""One seed to drop, and what became of it on its way."""

from dataclasses import dataclass

from shared.article import SeedError, parse_seed, partition_key
from shared.drops.receipt import Receipt

Headers = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Seed:
    """The bytes of a seed file. Its receipt calls it by *path*.

    *group_key* is the key that it shares with other seeds of its drop; *headers* are further ones
    of its record.
    """

    path: str
    content: bytes
    group_key: bytes | None = None
    headers: Headers = ()

    @property
    def key(self) -> bytes:
        """The canonical URL, so that versions of an article share a partition.

        A broken seed has none; its key is the path.
        """
        if self.group_key is not None:
            return self.group_key
        try:
            return partition_key(parse_seed(self.content)).encode()
        except SeedError:
            return encode_path(self.path)


@dataclass(frozen=True)
class Position:
    """Where Kafka keeps a drop."""

    partition: int
    offset: int


@dataclass(frozen=True)
class Sent:
    """A drop that Kafka acknowledged, with its position; or that was not sent, with its receipt."""

    seed: Seed
    position: Position | None = None
    receipt: Receipt | None = None


def encode_path(path: str) -> bytes:
    """The bytes of a path, also where the file system has names that are not UTF-8."""
    return path.encode(errors="surrogateescape")
