"""What the lists of stories and of articles can be narrowed by: one set of parameters for both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

from shared.store import ListingQuery

PUBLISHED: Final[Mapping[str, bool | None]] = {"yes": True, "no": False, "all": None}
ORDERS: Final = ("heat", "time")
TEXTS: Final = ("q", "topic", "provider", "language")
MAX_CHARACTERS: Final = 200


@dataclass(frozen=True)
class ListingFilters:
    """The filters of a list at *path*, and what it shows where none is given."""

    path: str
    published: str
    order: str

    def read(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Every filter by its parameter. Raises HTTPException (422)."""
        given = {name: parameters.get(name, "").strip() for name in TEXTS}
        if any(len(value) > MAX_CHARACTERS for value in given.values()):
            raise HTTPException(422, f"a filter has at most {MAX_CHARACTERS} characters")
        given["published"] = parameters.get("published", "") or self.published
        given["order"] = parameters.get("order", "") or self.order
        if given["published"] not in PUBLISHED or given["order"] not in ORDERS:
            raise HTTPException(422, "published is yes, no or all; order is heat or time")
        if given["q"]:
            given["order"] = "time"  # results of a search have no other order
        return given

    def link(self, given: Mapping[str, str], after: str = "") -> str:
        """The URL of the list with the filters *given*, from the position *after* on."""
        return f"{self.path}?{urlencode({**given, 'after': after} if after else given)}"


def build_query(given: Mapping[str, str]) -> ListingQuery:
    return ListingQuery(
        is_published=PUBLISHED[given["published"]],
        topic=given["topic"],
        provider=given["provider"],
        language=given["language"],
        search=given["q"],
        order="time" if given["order"] == "time" else "heat",
    )
