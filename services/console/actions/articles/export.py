"""Writes articles as seed files, with measured and derived fields filled in."""

import os
from pathlib import Path

from services.console.actions.articles.known_articles import PAGE_SIZE
from services.console.actions.articles.readable_articles import UnreadableArticle, build_readable
from services.enrichment.related.settings import RelatedSettings
from shared.article import render_seed
from shared.errors import SettingsError
from shared.runtime.ruleset import adopt_ruleset
from shared.settings import load_settings
from shared.store import Store, pages
from shared.views.article_export import build_export
from shared.views.article_snapshot import ArticleSnapshot


def create_folder(folder: Path) -> None:
    """Raises SettingsError if the folder cannot be created."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"cannot create the folder {folder}: {error.strerror}") from error


async def export_articles(
    store: Store, folder: Path, only_published: bool
) -> tuple[int, list[UnreadableArticle]]:
    """Write one file for each article into the folder.

    Returns how many, and the articles that cannot be read. A file of the same name is replaced,
    other files stay.
    """

    await adopt_ruleset(store)
    keeps_related = load_settings(RelatedSettings).related == "given"

    def render(snapshot: ArticleSnapshot) -> bytes | None:
        if only_published and not is_published(snapshot):
            return None
        return render_seed(build_export(snapshot, keeps_related=keeps_related))

    count = 0
    unreadable: list[UnreadableArticle] = []
    async for page in pages(store.articles.list_page, PAGE_SIZE):
        seeds, failed = await build_readable(store, [article.id for article in page], render)
        unreadable += failed
        for article_id, seed in seeds.items():
            if seed is not None:
                _write(folder / f"{article_id}.md", seed)
                count += 1
    return count, unreadable


def is_published(snapshot: ArticleSnapshot) -> bool:
    return snapshot.decision is not None and snapshot.decision.published


def _write(target: Path, seed: bytes) -> None:
    """Write under a temporary name first: no reader sees half of a file."""
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    fresh.write_bytes(seed)
    fresh.replace(target)
