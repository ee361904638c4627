"""Invented schemas of events, changes of them, and what an oracle says of each change."""

import copy
import random
import warnings
from collections.abc import Callable
from typing import Any, Final

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its dependencies
    from jsonsubschema import isSubschema

Schema = dict[str, Any]
NAMES: Final = ("id", "title", "quality", "images", "reason")
WORDS: Final = ("article", "video", "gallery")


def invent_schema(chance: random.Random, depth: int = 3) -> Schema:
    """A schema of any type, closed wherever it names fields."""
    kinds = [_string, _words, _open_words, _integer, _number, _boolean, _optional]
    if depth:
        kinds += [_list, _object, _object, _free_map]
    return chance.choice(kinds)(chance, depth)


def invent_event(chance: random.Random) -> Schema:
    return _object(chance, 3)


def _string(chance: random.Random, depth: int) -> Schema:
    limits = chance.choice(
        [{}, {"maxLength": 3}, {"minLength": 1}, {"minLength": 1, "maxLength": 4}]
    )
    return {"type": "string", **limits}


def _words(chance: random.Random, depth: int) -> Schema:
    return {"enum": list(WORDS[: chance.randint(1, 3)]), "type": "string"}


def _open_words(chance: random.Random, depth: int) -> Schema:
    return {"anyOf": [_words(chance, depth), {"type": "string"}]}


def _integer(chance: random.Random, depth: int) -> Schema:
    limits = chance.choice([{}, {"minimum": 0}, {"maximum": 100}, {"minimum": 1, "maximum": 9}])
    return {"type": "integer", **limits}


def _number(chance: random.Random, depth: int) -> Schema:
    return {"type": "number", **chance.choice([{}, {"minimum": 0}])}


def _boolean(chance: random.Random, depth: int) -> Schema:
    return {"type": "boolean"}


def _optional(chance: random.Random, depth: int) -> Schema:
    return {"anyOf": [_string(chance, 0), {"type": "null"}]}


def _list(chance: random.Random, depth: int) -> Schema:
    limits = chance.choice([{}, {"minItems": 1}, {"maxItems": 4}])
    return {"type": "array", "items": invent_schema(chance, depth - 1), **limits}


def _free_map(chance: random.Random, depth: int) -> Schema:
    return {"type": "object", "additionalProperties": invent_schema(chance, 0)}


def _object(chance: random.Random, depth: int) -> Schema:
    names = chance.sample(NAMES, chance.randint(1, 4))
    properties = {name: invent_schema(chance, depth - 1) for name in names}
    required = sorted(chance.sample(names, chance.randint(0, len(names))))
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def find_nodes(schema: Schema) -> list[Schema]:
    """Every schema inside *schema*, itself first."""
    nodes = [schema]
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            inner.append(schema[name])
    for node in inner:
        nodes += find_nodes(node)
    return nodes


def mutate(schema: Schema, chance: random.Random) -> Schema:
    """A copy with one change somewhere; it may happen to say the same."""
    changed = copy.deepcopy(schema)
    node = chance.choice(find_nodes(changed))
    chance.choice(_mutations_of(node))(node, chance)
    return changed


def _mutations_of(node: Schema) -> list[Callable[[Schema, random.Random], None]]:
    mutations: list[Callable[[Schema, random.Random], None]] = [_replace, _make_nullable, _describe]
    if "properties" in node:
        mutations += [_add_field, _add_field, _remove_field, _flip_required, _flip_required]
    if "enum" in node:
        mutations += [_add_word, _add_word, _remove_word]
    match node.get("type"):
        case "string" if "enum" not in node:
            mutations += [_set("maxLength"), _set("minLength")]
        case "integer" | "number":
            mutations += [_set("minimum"), _set("maximum"), _swap_number]
        case "array":
            mutations += [_set("minItems"), _set("maxItems")]
    return mutations


def _replace(node: Schema, chance: random.Random) -> None:
    other = invent_schema(chance, 1)
    while "properties" in node and isinstance(other.get("additionalProperties"), dict):
        other = invent_schema(chance, 1)  # the oracle errs where named fields become free ones
    node.clear()
    node.update(other)


def _make_nullable(node: Schema, chance: random.Random) -> None:
    before = dict(node)
    node.clear()
    node["anyOf"] = [before, {"type": "null"}]


def _describe(node: Schema, chance: random.Random) -> None:
    node["description"] = "Another sentence."


def _add_field(node: Schema, chance: random.Random) -> None:
    name = chance.choice((*NAMES, "added"))
    if name not in node["properties"]:
        node["properties"][name] = invent_schema(chance, 1)
        if chance.random() < 0.3:
            node["required"] = [*node["required"], name]


def _remove_field(node: Schema, chance: random.Random) -> None:
    name = chance.choice(list(node["properties"]) or ["none"])
    node["properties"].pop(name, None)
    node["required"] = [other for other in node["required"] if other != name]


def _flip_required(node: Schema, chance: random.Random) -> None:
    if node["properties"]:
        name = chance.choice(list(node["properties"]))
        node["required"] = sorted(set(node["required"]) ^ {name})


def _add_word(node: Schema, chance: random.Random) -> None:
    node["enum"] = sorted({*node["enum"], "podcast"})


def _remove_word(node: Schema, chance: random.Random) -> None:
    node["enum"] = node["enum"][1:] or ["podcast"]


def _set(name: str) -> Callable[[Schema, random.Random], None]:
    def change(node: Schema, chance: random.Random) -> None:
        if name in node and chance.random() < 0.5:
            del node[name]
        else:
            largest = name.startswith("max")
            node[name] = chance.randint(5, 12) if largest else chance.randint(1, 2)

    return change


def _swap_number(node: Schema, chance: random.Random) -> None:
    node["type"] = "number" if node["type"] == "integer" else "integer"


def is_compatible(earlier: Schema, later: Schema) -> bool | None:
    """What the oracle says: old events stay valid, and an old reader understands new ones.

    That reader ignores the fields that he does not know. None: the oracle fails at some bounds of
    lists, which it compares in a way that its own library of intervals no longer allows; or it says
    that a map which became an object of named fields alone keeps what it held.
    """
    try:
        stay_valid = bool(isSubschema(for_oracle(earlier), for_oracle(later)))
        is_read = bool(isSubschema(for_oracle(later), for_oracle(as_reader_sees(earlier))))
        if stay_valid and count_maps(later) < count_maps(earlier):
            return None
        return stay_valid and is_read
    except ValueError as error:
        if "bound is ambiguous" not in str(error):
            raise
        return None


def count_maps(schema: Schema) -> int:
    """The objects whose fields may have any name, and hold something of one kind."""
    maps = [
        node for node in find_nodes(schema) if isinstance(node.get("additionalProperties"), dict)
    ]
    return len(maps)


def for_oracle(schema: Schema) -> Schema:
    """A copy as its JSON Schema, draft 4, takes it: no empty `required`."""
    taken = copy.deepcopy(schema)
    for node in find_nodes(taken):
        if node.get("required") == []:
            del node["required"]
    return taken


def as_reader_sees(schema: Schema) -> Schema:
    """The schema without the closing of objects."""
    opened = copy.deepcopy(schema)
    for node in find_nodes(opened):
        if node.get("additionalProperties") is False:
            del node["additionalProperties"]
    return opened
