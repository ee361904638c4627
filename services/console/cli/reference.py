"""The arguments that name an article or a story."""

from typing import Annotated

import typer

ArticleReference = Annotated[
    str, typer.Argument(metavar="ID|URL", help="An article: its id, or any of its URLs.")
]
StoryReference = Annotated[
    str,
    typer.Argument(
        metavar="STORY|ID|URL", help="A story: its id, or the id or URL of one of its articles."
    ),
]
