"""JSON Schemas in a form in which two of them compare: which values each accepts, by JSON type.

Two ways of writing the same thing have the same shape: `const` and an enum of one, `type: [a, b]`
and `anyOf`, `minLength: 0` and none. An *open enum* (`anyOf: [enum, string]`) has the shape of a
string, so a new value in it changes nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Node: TypeAlias = Mapping[str, Any] | bool

TYPES: Final = ("null", "boolean", "integer", "number", "string", "array", "object")

# They say something to people or to generators of code, and accept or refuse no value.
ANNOTATIONS: Final = frozenset(
    (
        "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default",
        "deprecated", "examples", "readOnly", "writeOnly", "discriminator",
        "contentMediaType", "contentEncoding",
    )
)  # fmt: skip

_KEYWORDS: Final[Mapping[str, frozenset[str]]] = {
    "null": frozenset(),
    "boolean": frozenset(),
    "integer": frozenset(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
    ),
    "number": frozenset(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
    ),
    "string": frozenset(("minLength", "maxLength", "pattern", "format")),
    "array": frozenset(("items", "minItems", "maxItems", "uniqueItems")),
    "object": frozenset(
        ("properties", "required", "additionalProperties", "minProperties", "maxProperties")
    ),
}
_TYPED_KEYWORDS: Final = frozenset().union(*_KEYWORDS.values())

# What a keyword says when it is absent: writing it out changes nothing.
_DEFAULTS: Final[Mapping[str, Any]] = {
    "minLength": 0,
    "minItems": 0,
    "minProperties": 0,
    "uniqueItems": False,
    "required": [],
    "properties": {},
    "items": True,
}


@dataclass(frozen=True)
class Alternative:
    """Values of one JSON type that keywords limit."""

    type: str
    keywords: Mapping[str, Any] = field(default_factory=dict)

    @property
    def properties(self) -> Mapping[str, Node]:
        return self.keywords.get("properties", {})  # type: ignore[no-any-return]

    @property
    def required(self) -> frozenset[str]:
        return frozenset(self.keywords.get("required", ()))

    @property
    def items(self) -> Node:
        return self.keywords.get("items", True)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Shape:
    """What a schema accepts: anything, or listed values and the values of the alternatives."""

    accepts_all: bool = False
    values: frozenset[str] = frozenset()  # each as JSON
    alternatives: Sequence[Alternative] = ()
    opaque: str = ""  # keywords that are compared as they are written, as JSON

    @property
    def types(self) -> set[str]:
        """The types of the values that it accepts; an integer is a number, too."""
        types = {choice.type for choice in self.alternatives}
        types |= {type_of(value) for value in self.values}
        return types | {"integer", "number"} if types & {"integer", "number"} else types

    def of_type(self, name: str) -> list[Alternative]:
        return [alternative for alternative in self.alternatives if alternative.type == name]


def are_disjoint(branches: Sequence[Sequence[Shape]]) -> bool:
    """Whether no two branches accept values of one type: then *one of* them is *any of* them."""
    seen: set[str] = set()
    for branch in branches:
        types: set[str] = set()
        for part in branch:
            types |= set(TYPES) if part.accepts_all else part.types
        if types & seen:
            return False
        seen |= types
    return True


def select_asserted(node: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords that accept or refuse values."""
    said = {name: value for name, value in node.items() if name not in ANNOTATIONS}
    return {name: value for name, value in said.items() if not name.startswith("x-")}


def read_plain(asserted: Mapping[str, Any]) -> Shape:
    """The shape of a schema without references and unions."""
    unknown = asserted.keys() - _TYPED_KEYWORDS - {"type", "enum", "const"}
    opaque = _to_json({name: asserted[name] for name in unknown}) if unknown else ""
    if "const" in asserted or "enum" in asserted:
        listed = [asserted["const"]] if "const" in asserted else asserted["enum"]
        return Shape(values=frozenset(_to_json(value) for value in listed), opaque=opaque)
    alternatives = []
    for name in _list_types(asserted):
        keywords = {key: asserted[key] for key in _KEYWORDS[name] if key in asserted}
        alternatives.append(Alternative(name, _normalize(name, keywords)))
    return Shape(alternatives=tuple(alternatives), opaque=opaque)


def _list_types(asserted: Mapping[str, Any]) -> Sequence[str]:
    """The types that are named; without any, all but `integer`, which `number` includes."""
    named = asserted.get("type")
    if named is None:
        return [name for name in TYPES if name != "integer"]
    return [named] if isinstance(named, str) else list(named)


def _normalize(name: str, keywords: dict[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in keywords.items() if _DEFAULTS.get(key, ...) != value}
    if name == "integer":
        if "exclusiveMinimum" in said:
            said["minimum"] = max(said.pop("exclusiveMinimum") + 1, said.get("minimum", -(2**63)))
        if "exclusiveMaximum" in said:
            said["maximum"] = min(said.pop("exclusiveMaximum") - 1, said.get("maximum", 2**63))
        if said.get("multipleOf") == 1:
            del said["multipleOf"]
    return said


def unite(parts: Sequence[Shape]) -> Shape:
    """What any of *parts* accepts."""
    if any(part.accepts_all for part in parts):
        return Shape(accepts_all=True)
    values = frozenset().union(*(part.values for part in parts))
    alternatives = [choice for part in parts for choice in part.alternatives]
    opaque = sorted(part.opaque for part in parts if part.opaque)
    return _simplify(values, alternatives, "; ".join(opaque))


def _simplify(values: frozenset[str], alternatives: Iterable[Alternative], opaque: str) -> Shape:
    """Without what another part includes: values of a free type, an integer beside a number."""
    distinct: list[Alternative] = []
    for alternative in alternatives:
        if alternative not in distinct:
            distinct.append(alternative)
    free = {choice.type for choice in distinct if not choice.keywords}
    if {"true", "false"} <= values:
        free.add("boolean")
        distinct.append(Alternative("boolean"))
    if "null" in values:
        free.add("null")
        distinct.append(Alternative("null"))
    kept = [choice for choice in distinct if not choice.keywords or choice.type not in free]
    if "number" in free:
        free.add("integer")
        kept = [choice for choice in kept if choice.type != "integer"]
    rest = frozenset(value for value in values if type_of(value) not in free)
    if set(TYPES) - {"integer"} <= free and not opaque:
        return Shape(accepts_all=True)
    unique = list({(choice.type, _to_json(choice.keywords)): choice for choice in kept}.values())
    return Shape(values=rest, alternatives=tuple(unique), opaque=opaque)


def type_of(value: str) -> str:
    """The JSON type of a value that is given as JSON."""
    match json.loads(value):
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _to_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
