"""Why two articles are related or not where the seeds give the relations."""

from shared.article import list_related_urls
from shared.store import Override, StoredArticle


def explain_given_pair(a: StoredArticle, b: StoredArticle, override: Override | None) -> str:
    """A sentence. The latest editor's *override* on the pair comes before the seeds. Pure."""
    if override is not None:
        verb = "links" if override.should_link else "separates"
        return f"an editor's override {verb} them, whatever the seeds say"
    listing = [first for first, second in ((a, b), (b, a)) if _lists_url_of(first, second)]
    if len(listing) == 2:
        return "given by the seeds of both: each lists the other"
    if listing:
        return f"given by the seed of “{listing[0].article.title}” ({listing[0].id})"
    return "not related: neither seed lists the other (SEEDWIRE_RELATED=given)"


def _lists_url_of(article: StoredArticle, other: StoredArticle) -> bool:
    return not list_related_urls(article.article).isdisjoint(other.aliases)
