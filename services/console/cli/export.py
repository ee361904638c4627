"""`seedwire export`: articles as seed files again, with what was measured and derived filled in."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from services.console.cli.articles import PAGE
from services.console.cli.output import say
from services.console.cli.session import with_store
from shared.article import render
from shared.article_view import Known, as_seed, load
from shared.errors import SettingsError
from shared.settings import Settings, read
from shared.store import Store


def export(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to; made if it is not there.")
    ],
    published: Annotated[bool, typer.Option("--published", help="Only what is published.")] = False,
) -> None:
    """Write every article as a seed file, named by its id. Dropping an export changes nothing.

    Files of the same name are replaced, others left alone. `secured` is in the files, as it was in the seeds.

    Examples:

      seedwire export backup/

      seedwire export published/ --published
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{folder} cannot be made: {error.strerror}") from error
    number = with_store(read(Settings), lambda store: _export(store, folder, published))
    say(f"{number} articles in {folder}")


async def _export(store: Store, folder: Path, published: bool) -> int:
    written, after = 0, ""
    while page := await store.articles.page(after, PAGE):
        known = (await load(store, [stored.id for stored in page])).values()
        written += _write([one for one in known if not published or is_published(one)], folder)
        after = page[-1].id
    return written


def is_published(known: Known) -> bool:
    return known.decision is not None and known.decision.published


def _write(articles: Sequence[Known], folder: Path) -> int:
    for known in articles:
        target = folder / f"{known.article.id}.md"
        fresh = target.with_name(f".{target.name}.{os.getpid()}")
        fresh.write_bytes(render(as_seed(known)))
        fresh.replace(target)
    return len(articles)
