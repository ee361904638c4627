"""The groups of a real site: what it says of each article, where the whole group is there.

The site gives each article the list of its group, its heat (-1: outranked) and whether it is
published. A group is whole if all that its members list are there, as articles of their own, and if
each of them lists the others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from shared.article import (
    Article,
    SeedError,
    collect_aliases,
    derive_article_id,
    parse_seed,
    primary_alias,
)
from shared.article.identity.related_urls import list_entry_urls
from tests.real_data import load_azure_seeds


@dataclass(frozen=True)
class SiteArticle:
    """An article of the site; *heat* and *published* are the site's."""

    id: str
    seed: bytes
    article: Article
    aliases: tuple[str, ...]

    @property
    def quality(self) -> int:
        return self.article.quality or 0

    @property
    def heat(self) -> int:
        assert self.article.heat is not None
        return self.article.heat

    @property
    def is_published(self) -> bool:
        return self.article.published is True


@dataclass(frozen=True)
class SiteGroup:
    """A whole group, by article id."""

    articles: Mapping[str, SiteArticle]

    @property
    def lead(self) -> SiteArticle:
        """By the site: a group has one article that is not outranked."""
        (lead,) = (article for article in self.articles.values() if article.heat != -1)
        return lead

    @property
    def is_tied(self) -> bool:
        """Whether its two best have the same quality.

        The site then prefers the one that arrived first, which its seeds do not tell. In most cases
        that is the one that was published first.
        """
        qualities = sorted((article.quality for article in self.articles.values()), reverse=True)
        return len(qualities) > 1 and qualities[0] == qualities[1]


@cache
def load_whole_groups() -> tuple[SiteGroup, ...]:
    """The whole groups of the Azure site, single articles included. Skips without the data."""
    articles = _load_articles()
    owners: dict[str, str] = {}
    ambiguous: set[str] = set()
    for article in articles.values():
        for alias in article.aliases:
            if owners.setdefault(alias, article.id) != article.id:
                ambiguous.update((article.id, owners[alias]))
    listed: dict[str, frozenset[str] | None] = {}
    for article in articles.values():
        listed[article.id] = _resolve_group(article, owners)
    groups: dict[frozenset[str], SiteGroup] = {}
    for ids in listed.values():
        if ids is None or not ids.isdisjoint(ambiguous):
            continue
        if all(listed[article_id] == ids for article_id in ids):
            members = {article_id: articles[article_id] for article_id in sorted(ids)}
            groups[ids] = SiteGroup(members)
    return tuple(groups.values())


def _load_articles() -> dict[str, SiteArticle]:
    articles: dict[str, SiteArticle] = {}
    for seed in load_azure_seeds().values():
        try:
            article = parse_seed(seed)
        except SeedError:
            continue
        article_id = derive_article_id(primary_alias(article))
        articles[article_id] = SiteArticle(article_id, seed, article, collect_aliases(article))
    return articles


def _resolve_group(article: SiteArticle, owners: Mapping[str, str]) -> frozenset[str] | None:
    """The article and all that it lists; None if any of these is not there."""
    ids = {article.id}
    for entry in article.article.related:
        named = {owners[alias] for alias in list_entry_urls(entry) if alias in owners}
        if len(named) != 1 or not named.isdisjoint(ids):
            return None
        ids |= named
    return frozenset(ids)


@dataclass(frozen=True)
class Judgement:
    """What Seedwire says of an article of the site."""

    lead: str
    heat: int
    is_published: bool


@dataclass
class Comparison:
    """How Seedwire's judgements differ from the site's, over whole groups."""

    articles: int = 0
    tied_groups: int = 0
    ties_decided_otherwise: int = 0  # another of the best leads, with the same heat
    wrong: list[str] = field(default_factory=list)


def compare_with_site(
    groups: Iterable[SiteGroup], judgements: Mapping[str, Judgement]
) -> Comparison:
    """Compare heat, lead and published of every article.

    Only in a tied group may Seedwire have another lead than the site, one of the same quality; all
    the rest must then follow from that.
    """
    comparison = Comparison()
    for group in groups:
        comparison.articles += len(group.articles)
        comparison.tied_groups += group.is_tied
        lead = group.lead
        if group.is_tied:
            chosen = group.articles[judgements[lead.id].lead]
            comparison.ties_decided_otherwise += chosen.id != lead.id
            if chosen.quality == lead.quality:
                lead = chosen
        for article in group.articles.values():
            expected = Judgement(lead.id, -1, False)
            if article.id == lead.id:
                expected = Judgement(lead.id, group.lead.heat, group.lead.is_published)
            if judgements[article.id] != expected:
                sentence = f"{article.id}: {judgements[article.id]}, the site has {expected}"
                comparison.wrong.append(sentence)
    return comparison
