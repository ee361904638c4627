"""`seedwire export`: articles as seed files."""

from pathlib import Path
from typing import Annotated

import typer

from services.console.actions.articles.export import create_folder, export_articles
from services.console.cli.output import print_error, print_line
from services.console.cli.session import run_with_store
from services.console.counts import format_count


def export(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="The folder to write to; created if it is missing."),
    ],
    published: Annotated[
        bool, typer.Option("--published", help="Only published articles.")
    ] = False,
) -> int:
    """Write every article as a seed file that is named by its id.

    The files have what was measured and derived, and `secured` as it was in the seeds. Dropping
    them again changes nothing. Files of the same name are replaced, others stay. If an article
    cannot be read, the others are written and the exit code is 1.

    Examples:

      seedwire export out/

      seedwire export published/ --published
    """
    create_folder(folder)
    count, unreadable = run_with_store(lambda store: export_articles(store, folder, published))
    print_line(f"{format_count(count, 'article')} in {folder}")
    for article in unreadable:
        print_error(str(article))
    return int(bool(unreadable))
