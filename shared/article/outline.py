"""Where each field of a front matter stands, read from PyYAML's events, without recursion.

Used for what the fast parser does not say: lines of fields, repeated names, and the parts of YAML that seeds do
without (anchors, aliases, tags, deep nesting). Reading stops where PyYAML stops understanding.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from shared.article.errors import FieldError, shortened
from shared.article.values import MAX_DEPTH

Path = tuple[str | int, ...]

FIRST_LINE = 2  # of the file: the front matter begins below its `---`
_LIBYAML_BREAKS = re.compile(
    "[\x85\u2028\u2029]"
)  # line breaks of YAML 1.1, plain characters of 1.2


@dataclass
class _Level:
    """An open list (`name` is the index of its latest item) or an open block (the name of its latest field)."""

    path: Path
    name: str | int | None
    is_list: bool
    awaits_value: bool = False
    seen: set[str] = field(default_factory=set)


class Outline:
    """`lines` by path, `repeated` fields, and the parts of YAML that are `refused`. Lines are those of the file."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {(): 1}
        self.repeated: list[FieldError] = []
        self.refused: list[FieldError] = []
        self._levels: list[_Level] = []
        for event in _events(text):
            if self.refused:
                return
            self._take(event)

    def line(self, path: Path) -> int:
        """The line of *path*, or of the nearest known field around it."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.NodeEvent):
            self._node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._levels.pop()

    def _node(self, event: yaml.NodeEvent) -> None:
        line = (event.start_mark.line if event.start_mark else 0) + FIRST_LINE
        level = self._levels[-1] if self._levels else None
        if level and not level.is_list and not level.awaits_value:
            self._name(level, event, line)
        else:
            self._value(level, line)
        path = level.path + ((level.name,) if level.name is not None else ()) if level else ()
        self._refuse(event, path, line)
        if isinstance(event, yaml.CollectionStartEvent):
            is_list = isinstance(event, yaml.SequenceStartEvent)
            self._levels.append(_Level(path, -1 if is_list else None, is_list))

    def _name(self, level: _Level, event: yaml.NodeEvent, line: int) -> None:
        level.name = event.value if isinstance(event, yaml.ScalarEvent) else "?"
        level.awaits_value = True
        path = (*level.path, level.name)
        if level.name in level.seen:
            self.repeated.append(
                FieldError(
                    spelled(path), line, "Expected each field once, but this one is repeated."
                )
            )
        level.seen.add(level.name)
        self.lines.setdefault(path, line)

    def _value(self, level: _Level | None, line: int) -> None:
        if level and level.is_list and isinstance(level.name, int):
            level.name += 1
            self.lines[(*level.path, level.name)] = line
        elif level:
            level.awaits_value = False

    def _refuse(self, event: yaml.NodeEvent, path: Path, line: int) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            what = "Expected the value itself, found a YAML anchor or alias (& or *): write it out, or put it in quotes."
        elif getattr(event, "tag", None) is not None:
            what = "Expected a value without a YAML tag (!): put it in quotes if it begins with an exclamation mark."
        elif len(self._levels) >= MAX_DEPTH:
            what = f"Expected at most {MAX_DEPTH} levels of lists and blocks inside each other."
        else:
            return
        self.refused.append(FieldError(spelled(path), line, what))


def spelled(path: Path) -> str:
    """`images[0].url`; a path into `secured` ends there, for what is inside must not be shown."""
    if "secured" in path:
        path = path[: path.index("secured") + 1]
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return shortened("".join(steps).removeprefix(".")) or "front matter"


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(_LIBYAML_BREAKS.sub(" ", text), Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return
