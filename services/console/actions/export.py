"""Writes articles as seed files, with measured and derived fields filled in."""

import os
from pathlib import Path

from services.console.actions.articles import PAGE_SIZE
from shared.article import render_seed
from shared.article_snapshot import ArticleSnapshot, load_snapshots
from shared.article_view import build_export
from shared.errors import SettingsError
from shared.store import Store, pages


def create_folder(folder: Path) -> None:
    """Raises SettingsError if the folder cannot be created."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"cannot create the folder {folder}: {error.strerror}") from error


async def export_articles(store: Store, folder: Path, only_published: bool) -> int:
    """Write one file for each article into the folder; returns how many.

    A file of the same name is replaced. Other files stay.
    """
    count = 0
    async for page in pages(store.articles.list_page, PAGE_SIZE):
        snapshots = await load_snapshots(store, [article.id for article in page])
        for snapshot in snapshots.values():
            if not only_published or is_published(snapshot):
                _write(snapshot, folder)
                count += 1
    return count


def is_published(snapshot: ArticleSnapshot) -> bool:
    return snapshot.decision is not None and snapshot.decision.published


def _write(snapshot: ArticleSnapshot, folder: Path) -> None:
    """Write under a temporary name first: no reader sees half of a file."""
    target = folder / f"{snapshot.article.id}.md"
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    fresh.write_bytes(render_seed(build_export(snapshot)))
    fresh.replace(target)
