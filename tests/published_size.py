"""How large an article is in an event, apart from what Seedwire derives."""

from shared.article import Article
from shared.views.publishable import measure_published, select_own_fields


def measure_article(article: Article) -> int:
    return measure_published(select_own_fields(article))
