"""One JSON Schema with its own definitions, read node by node."""

from collections.abc import Mapping
from typing import Any, Final

from services.console.contract.compatibility.shapes import (
    Node,
    Shape,
    are_disjoint,
    read_plain,
    select_asserted,
    unite,
)
from shared.errors import SettingsError

_MAX_REFERENCES: Final = 50  # one to another; more lead in a circle


class Document:
    """One schema with its own definitions."""

    def __init__(self, root: Node) -> None:
        self.root = root

    def shape(self, node: Node) -> Shape:
        """Raises SettingsError for a reference that leads nowhere."""
        return unite(self._split(node))

    def follow(self, node: Node) -> Node:
        """What *node* refers to, if it is nothing but a reference; else *node* itself."""
        seen = 0
        while (
            isinstance(node, Mapping)
            and "$ref" in node
            and select_asserted(node).keys() == {"$ref"}
        ):
            node = self._resolve(node["$ref"])
            seen += 1
            if seen > _MAX_REFERENCES:
                raise SettingsError("a schema refers to itself without end")
        return node

    def _split(self, node: Node, depth: int = 0) -> list[Shape]:
        """The shapes whose union *node* accepts."""
        if isinstance(node, bool):
            return [Shape(accepts_all=True)] if node else []
        if depth > _MAX_REFERENCES:
            raise SettingsError("a schema refers to itself without end")
        asserted = select_asserted(node)
        if not asserted:
            return [Shape(accepts_all=True)]
        match list(asserted):
            case ["$ref"]:
                return self._split(self._resolve(asserted["$ref"]), depth + 1)
            case ["anyOf"] | ["oneOf"] | ["allOf"]:
                return self._split_combined(asserted, depth)
            case _:
                return [read_plain(asserted)]

    def _split_combined(self, asserted: Mapping[str, Any], depth: int) -> list[Shape]:
        ((name, choices),) = asserted.items()
        branches = [self._split(choice, depth + 1) for choice in choices]
        is_union = name == "anyOf" or (name == "oneOf" and are_disjoint(branches))
        if is_union or len(branches) == 1:
            return [part for branch in branches for part in branch]
        return [read_plain(asserted)]

    def _resolve(self, reference: str) -> Node:
        node: Any = self.root
        if not reference.startswith("#"):
            raise SettingsError(f"the reference {reference!r} leads out of its schema")
        for part in reference.removeprefix("#").split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, Mapping) or name not in node:
                raise SettingsError(f"the reference {reference!r} leads nowhere")
            node = node[name]
        return node  # type: ignore[no-any-return]
