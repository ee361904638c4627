"""The rules that every public event and each of its parts keeps.

Names are camelCase and in the order of their declaration. Optional fields are absent, never null;
lists are always there. Producers write no other fields, but readers must expect that some are
added. Enumerations are open for the same reason: `Literal[...] | str`.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class PublicBlock(BaseModel):
    """An event's data, or a part of it."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    def as_json(self) -> dict[str, Any]:
        """As JSON values, by the names and in the order of the contract."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def remove_unspoken(value: Any) -> Any:
    """*value*, JSON from an unknown field, without nulls and without fields named `secured`.

    However deep inside, and however `secured` is capitalized. A null says nothing, and a reader
    with types stumbles over it.
    """
    match value:
        case dict():
            kept = {}
            for name, inner in value.items():
                if inner is not None and name.casefold() != "secured":
                    kept[name] = remove_unspoken(inner)
            return kept
        case list():
            return [remove_unspoken(item) for item in value if item is not None]
        case _:
            return value
