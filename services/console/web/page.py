"""What a page is, to the application: its routes, and its place in the navigation."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.routing import BaseRoute


@dataclass(frozen=True)
class Page:
    """A page and what belongs to it. Without a *title* it is not in the navigation."""

    title: str
    path: str
    routes: Sequence[BaseRoute]
