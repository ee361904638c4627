"""Whether a schema still says what an earlier one said, to every reader of every record.

Two things must hold. Every new event is one that a reader of the earlier schema understands, who
ignores fields that he does not know. And every event ever sent stays valid, because a compacted
topic keeps old records for ever. Together they leave one change: a new optional field. (A new value
of an open enum is none, because its schema accepts every text.)
"""

from collections.abc import Iterator

from services.console.contract.compatibility import breaks
from services.console.contract.compatibility.breaks import Break
from services.console.contract.compatibility.limits import (
    MAP_KEYWORDS,
    compare_limits,
    drop_contained,
)
from services.console.contract.compatibility.schema_document import Document
from services.console.contract.compatibility.shapes import TYPES, Alternative, Node, Shape, type_of


class Comparison:
    """An earlier schema beside the one that follows it."""

    def __init__(self, earlier: Node, later: Node) -> None:
        self._earlier = Document(earlier)
        self._later = Document(later)
        self._open: set[tuple[int, int]] = set()  # pairs under way: schemas may be recursive

    def find_breaks(self) -> list[Break]:
        """Every break, once, in the order of the earlier schema. Pure."""
        return list(dict.fromkeys(self._compare(self._earlier.root, self._later.root, "")))

    def _compare(self, earlier: Node, later: Node, path: str) -> Iterator[Break]:
        earlier, later = self._earlier.follow(earlier), self._later.follow(later)
        pair = (id(earlier), id(later))
        if pair in self._open:
            return
        self._open.add(pair)
        try:
            old, new = self._earlier.shape(earlier), self._later.shape(later)
            if old.accepts_all and new.accepts_all:
                return
            if old.accepts_all:
                yield breaks.narrowed(path, "every value")
            elif new.accepts_all:
                yield breaks.widened(path, "any value")
            else:
                yield from self._compare_shapes(old, new, path)
        finally:
            self._open.discard(pair)

    def _compare_shapes(self, old: Shape, new: Shape, path: str) -> Iterator[Break]:
        if old.opaque != new.opaque:
            yield breaks.unclear(path, old.opaque or new.opaque)
        for value in sorted(old.values - new.values):
            if not _accepts_type_of(new, value):
                yield breaks.narrowed(path, f"the value {value}")
        for value in sorted(new.values - old.values):
            if not _accepts_type_of(old, value):
                yield breaks.widened(path, f"the value {value}")
        for name in TYPES:
            yield from self._compare_type(name, old, new, path)

    def _compare_type(self, name: str, old: Shape, new: Shape, path: str) -> Iterator[Break]:
        before, after = drop_contained(old.of_type(name)), drop_contained(new.of_type(name))
        if name == "integer" and _is_number_instead(before, after, old, new):
            return
        if not before and not after:
            return
        if not after:
            yield breaks.narrowed(path, _describe_type(name))
        elif not before:
            yield breaks.widened(path, _describe_type(name))
        elif len(before) == len(after) == 1:
            yield from self._compare_alternatives(before[0], after[0], path)
        else:
            yield from self._compare_unions(before, after, path)

    def _compare_unions(
        self, before: list[Alternative], after: list[Alternative], path: str
    ) -> Iterator[Break]:
        """Several alternatives of one type: each needs one on the other side that is alike."""
        for old in before:
            if not any(self._are_alike(old, new, path) for new in after):
                yield breaks.narrowed(
                    path, f"one of {len(before)} forms of {_describe_type(old.type)}"
                )
        for new in after:
            if not any(self._are_alike(old, new, path) for old in before):
                yield breaks.widened(path, f"another form of {_describe_type(new.type)}")

    def _are_alike(self, old: Alternative, new: Alternative, path: str) -> bool:
        return next(self._compare_alternatives(old, new, path), None) is None

    def _compare_alternatives(
        self, old: Alternative, new: Alternative, path: str
    ) -> Iterator[Break]:
        if old.type == "object":
            yield from self._compare_objects(old, new, path)
            return
        yield from compare_limits(old, new, path)
        if old.type == "array":
            yield from self._compare(old.items, new.items, f"{path}[]")

    def _compare_objects(self, old: Alternative, new: Alternative, path: str) -> Iterator[Break]:
        for name, node in old.properties.items():
            field = _join(path, name)
            if name in new.properties:
                yield from self._compare(node, new.properties[name], field)
                yield from _compare_presence(name in old.required, name in new.required, field)
            else:
                yield breaks.removed(field)
        for name in new.properties.keys() - old.properties.keys():
            yield from self._compare_added(old, new, name, _join(path, name))
        for name in sorted(new.required - old.required - new.properties.keys()):
            yield breaks.now_required(_join(path, name))
        for name in sorted(old.required - new.required - old.properties.keys()):
            yield breaks.no_longer_required(_join(path, name))
        yield from self._compare_free_fields(old, new, path)
        yield from compare_limits(old, new, path, MAP_KEYWORDS)

    def _compare_added(
        self, old: Alternative, new: Alternative, name: str, field: str
    ) -> Iterator[Break]:
        """A field that the earlier schema does not name."""
        if name in new.required:
            yield breaks.added_required(field)
        free = _free_fields(old)
        if free is None:
            return
        if any(self._compare(free, new.properties[name], field)):
            yield breaks.declared(field)

    def _compare_free_fields(
        self, old: Alternative, new: Alternative, path: str
    ) -> Iterator[Break]:
        before, after = _free_fields(old), _free_fields(new)
        if before is not None and after is not None:
            yield from self._compare(before, after, _join(path, "*"))
        elif before is not None:
            yield breaks.no_longer_free(_join(path, "*"))
        elif new.keywords.get("additionalProperties") is False and not _is_closed(old):
            yield breaks.closed(path)


def _free_fields(alternative: Alternative) -> Node | None:
    """What fields of any name hold; None if only the named ones are there.

    Fields are named by `properties`: an object with none holds whatever it likes.
    """
    schema = alternative.keywords.get("additionalProperties")
    if schema is False:
        return None
    if schema is None:
        return None if alternative.properties else True
    return schema  # type: ignore[no-any-return]


def _is_closed(alternative: Alternative) -> bool:
    return alternative.keywords.get("additionalProperties") is False


def _compare_presence(was_required: bool, is_required: bool, field: str) -> Iterator[Break]:
    if was_required and not is_required:
        yield breaks.no_longer_required(field)
    elif is_required and not was_required:
        yield breaks.now_required(field)


def _is_number_instead(
    before: list[Alternative], after: list[Alternative], old: Shape, new: Shape
) -> bool:
    """Whether the side without integers has numbers, which include them and are compared anyway."""
    if before and not after:
        return bool(new.of_type("number"))
    return bool(after and not before and old.of_type("number"))


def _accepts_type_of(shape: Shape, value: str) -> bool:
    """Whether the shape has an alternative of the value's type, which is compared by itself."""
    types = {"integer", "number"} if type_of(value) == "integer" else {type_of(value)}
    return any(choice.type in types for choice in shape.alternatives)


def _describe_type(name: str) -> str:
    article = "an" if name[0] in "aeiou" else "a"
    return "null" if name == "null" else f"{article} {name}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
