"""Where each field of a front matter stands: read from PyYAML's events, without recursion.

The outline answers what the fast parser does not: the lines of fields, repeated names, and the
parts of YAML that seeds do without (anchors, aliases, tags, deep nesting). It ends where PyYAML
cannot read any further.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import yaml
from yaml_rs import loads

from shared.article.errors import MAX_SHOWN, FieldError, shorten
from shared.article.field_types import MAX_DEPTH
from shared.article.front_matter.faults import FIRST_LINE

Path = tuple[str | int, ...]

UNNAMED = "?"  # stands for a name that is a list or a block
# Line breaks in YAML 1.1, which PyYAML reads, but plain characters in YAML 1.2.
YAML_1_1_BREAKS = re.compile("[\x85\u2028\u2029]")

_NO_REFERENCES = (
    "Expected the value itself, found a YAML anchor or alias (& or *): "
    "write it out, or put it in quotes."
)
_NO_TAGS = (
    "Expected a value without a YAML tag (!): "
    "put it in quotes if it begins with an exclamation mark."
)
_TOO_DEEP = f"Expected at most {MAX_DEPTH} levels of lists and blocks inside each other."


@dataclass
class _Level:
    """An open list or block; `name` is the index of its latest item or the latest field."""

    path: Path
    name: str | int | None
    is_list: bool
    awaits_value: bool = False
    seen: set[str] = field(default_factory=set)

    @property
    def latest_path(self) -> Path:
        """The path of the latest item or field, or of the level itself as long as it has none."""
        return self.path if self.name is None else (*self.path, self.name)


class Outline:
    """The `lines` of fields by path, `repeated` fields, and `unsupported` parts of YAML.

    Lines are those of the file. Reading ends at the first unsupported part, and after *max_events*,
    which are two for most fields.
    """

    def __init__(self, text: str, max_events: int | None = None) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self.repeated: list[FieldError] = []
        self.unsupported: list[FieldError] = []
        self._levels: list[_Level] = []
        for event in islice(parse_events(text), max_events):
            if self.unsupported:
                return
            self._read_event(event)

    def find_line(self, path: Path) -> int:
        """The line of *path*, or of the nearest known field around it."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def find_name(self, parent: Path, value: object) -> str | None:
        """The name of a field in *parent* as it is written, if YAML reads *value* from it.

        A field may be named `true`, which is no text, or `null`, or `1.50`.
        """
        for path in self.lines:
            name = path[-1] if path else None
            if path[:-1] == parent and isinstance(name, str) and _means(name, value):
                return name
        return None

    def _read_event(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.NodeEvent):
            self._read_node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._levels.pop()

    def _read_node(self, event: yaml.NodeEvent) -> None:
        line = (event.start_mark.line if event.start_mark else 0) + FIRST_LINE
        level = self._levels[-1] if self._levels else None
        if level and not level.is_list and not level.awaits_value:
            self._read_name(level, event, line)
        elif level:
            self._read_value(level, line)
        path = level.latest_path if level else ()
        self._check_support(event, path, line)
        if isinstance(event, yaml.CollectionStartEvent):
            is_list = isinstance(event, yaml.SequenceStartEvent)
            self._levels.append(_Level(path, -1 if is_list else None, is_list))

    def _read_name(self, level: _Level, event: yaml.NodeEvent, line: int) -> None:
        name = event.value if isinstance(event, yaml.ScalarEvent) else UNNAMED
        level.name = name
        level.awaits_value = True
        if name in level.seen:
            what = "Expected each field once, but this one is repeated."
            self.repeated.append(FieldError(format_path(level.latest_path), line, what))
        level.seen.add(name)
        self.lines.setdefault(level.latest_path, line)

    def _read_value(self, level: _Level, line: int) -> None:
        if level.is_list and isinstance(level.name, int):
            level.name += 1
            self.lines[level.latest_path] = line
        else:
            level.awaits_value = False

    def _check_support(self, event: yaml.NodeEvent, path: Path, line: int) -> None:
        if what := describe_unsupported(event, len(self._levels)):
            self.unsupported.append(FieldError(format_path(path), line, what))


def describe_unsupported(event: yaml.NodeEvent, depth: int) -> str:
    """What seeds do without, if the *event* is that, *depth* levels deep; else nothing."""
    if isinstance(event, yaml.AliasEvent) or event.anchor:
        return _NO_REFERENCES
    if getattr(event, "tag", None) is not None:
        return _NO_TAGS
    return _TOO_DEEP if depth >= MAX_DEPTH else ""


def format_path(path: Path) -> str:
    """`images[0].url`. A path into `secured` ends there, because its inside must not be shown."""
    if "secured" in path:
        path = path[: path.index("secured") + 1]
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return shorten(text.removeprefix(".")) or "front matter"


def _means(name: str, value: object) -> bool:
    """Whether YAML reads *value* from a name that is written without quotes."""
    if len(name) > MAX_SHOWN:
        return False
    try:
        read = loads(name, parse_datetime=False)
    except ValueError:
        return False
    return type(read) is type(value) and bool(read == value)


def parse_events(text: str) -> Iterator[yaml.Event]:
    """As far as PyYAML can read."""
    try:
        yield from yaml.parse(YAML_1_1_BREAKS.sub(" ", text), Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return
