"""/runbook: what to do about what is unwell, as docs/runbook.md says it."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.console.web.console import Console
from services.console.web.page import Page

RUNBOOK: Final = Path(__file__).parents[4] / "docs" / "runbook.md"
SERVED: Final = re.compile(r"#|/|https?://")  # how a link begins that leads somewhere from here


def build_page(console: Console) -> Page:
    async def show(request: Request) -> Response:
        if not has_runbook():
            raise HTTPException(404, "the runbook is not installed here: see docs/runbook.md")
        return console.render(request, "runbook.html", runbook=render_runbook(RUNBOOK))

    return Page("", "/runbook", [Route("/runbook", show)])


def has_runbook() -> bool:
    """Whether the documentation is installed beside the code."""
    return RUNBOOK.is_file()


@cache
def render_runbook(path: Path) -> Markup:
    """The file as HTML. Its headings have ids, by which pages link to their sections.

    Links to other pages of the documentation, which the console does not serve, are plain text.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(path.read_text())
    for heading, inline in pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", make_anchor(inline.content))
    for token in tokens:
        if token.children:
            token.children = [*_drop_unserved_links(token.children)]
    return Markup(parser.renderer.render(tokens, parser.options, {}))


def _drop_unserved_links(tokens: Sequence[Token]) -> Iterator[Token]:
    """Without the two ends of each such link; their text stays. Links are never in one another."""
    is_served = True
    for token in tokens:
        if token.type == "link_open":
            is_served = SERVED.match(str(token.attrGet("href"))) is not None
        if is_served or token.type not in ("link_open", "link_close"):
            yield token


def make_anchor(title: str) -> str:
    """The id of a heading, as code hosts make it: `A process is lost` is `a-process-is-lost`."""
    kept = [letter for letter in title.lower() if letter.isalnum() or letter in " -_"]
    return "".join(kept).replace(" ", "-")
