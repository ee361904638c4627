"""Finds the values of `secured` in text that parses as YAML, from the events of PyYAML's parser."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from services.console.redaction.finding.span import Span
from shared.article.front_matter.outline import YAML_1_1_BREAKS

# What is longer or deeper is scanned instead: an event takes microseconds, and the parser's time
# grows with the square of the depth.
MAX_CHARACTERS: Final = 2**21
MAX_DEPTH: Final = 100


NOTHING: Final = frozenset({"", "~", "null"})


class NotYaml(Exception):
    """The text does not parse, or is too long or too deep to try."""


@dataclass
class _Level:
    """An open list or block. In a block, nodes are names and values in turn."""

    is_block: bool
    is_hidden: bool = False  # it is the value of `secured`, or inside of one
    start: int = 0
    size: int = 0  # bytes of the scalars in it, if it is hidden
    awaits_value: bool = False
    name: str = ""

    @property
    def awaits_secured(self) -> bool:
        return self.awaits_value and self.name.casefold() == "secured"


@dataclass
class SecuredFields:
    """Values of `secured` in a text, and where their names begin."""

    values: list[Span]
    names: set[int]


def find_secured_fields(text: str) -> SecuredFields:
    """Every field `secured` at any depth of a block of fields. Raises NotYaml."""
    if len(text) > MAX_CHARACTERS:
        raise NotYaml
    reader = _Reader()
    for event in _parse(text):
        reader.read(event)
    if not reader.is_block:
        raise NotYaml
    return SecuredFields(reader.values, reader.names)


class _Reader:
    """Follows the levels of the text without recursion."""

    def __init__(self) -> None:
        self.values: list[Span] = []
        self.names: set[int] = set()
        self.is_block = False  # it has a block of fields
        self._levels: list[_Level] = []

    def read(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.CollectionEndEvent):
            self._close(event)
        elif isinstance(event, yaml.NodeEvent):
            self._read_node(event)

    def _read_node(self, event: yaml.NodeEvent) -> None:
        self.is_block = self.is_block or isinstance(event, yaml.MappingStartEvent)
        level = self._levels[-1] if self._levels else None
        is_name = level is not None and level.is_block and not level.awaits_value
        is_hidden = level is not None and (level.is_hidden or level.awaits_secured)
        if isinstance(event, yaml.CollectionStartEvent):
            is_block = isinstance(event, yaml.MappingStartEvent)
            if len(self._levels) == MAX_DEPTH:
                raise NotYaml
            self._levels.append(_Level(is_block, is_hidden, _offset(event.start_mark)))
        elif is_hidden and level is not None:
            self._hide(event, level)
        if level is not None:
            self._move_on(level, event, is_name)

    def _move_on(self, level: _Level, event: yaml.NodeEvent, is_name: bool) -> None:
        level.awaits_value = is_name
        if not is_name:
            return
        level.name = event.value if isinstance(event, yaml.ScalarEvent) else ""
        if level.awaits_secured:
            self.names.add(_offset(event.start_mark))

    def _hide(self, event: yaml.NodeEvent, level: _Level) -> None:
        value = event.value if isinstance(event, yaml.ScalarEvent) else f"*{event.anchor}"
        if value in NOTHING and not level.is_hidden:
            return
        size = len(value.encode(errors="surrogatepass"))
        if level.is_hidden:
            level.size += size
        else:
            self.values.append(Span(_offset(event.start_mark), _offset(event.end_mark), size))

    def _close(self, event: yaml.CollectionEndEvent) -> None:
        level = self._levels.pop()
        if not level.is_hidden:
            return
        parent = self._levels[-1]
        if parent.is_hidden:
            parent.size += level.size
        else:
            self.values.append(Span(level.start, _offset(event.end_mark), level.size))


def _offset(mark: Any) -> int:
    """In characters. The parser's events always have marks; PyYAML's types say otherwise."""
    offset: int = mark.index
    return offset


def _parse(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(YAML_1_1_BREAKS.sub(" ", text), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeEncodeError):  # the parser takes no half characters
        raise NotYaml from None  # its error quotes the text
