"""Which story a cluster continues: an id stays with the cluster that has most of its articles."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import count

from shared.store import Story

Cluster = frozenset[str]


def assign_story_ids(
    clusters: Collection[Cluster], current: Mapping[str, str], known: Mapping[str, Story]
) -> dict[str, str]:
    """Give each cluster a story id, so that as many articles as possible keep theirs.

    Returns the story of each article. *current* has the story that each article is in now, and
    *clusters* must hold all articles of such a story. An id goes to the cluster that has most of
    its articles, and a cluster gets the id that most of its articles bring. Ties go to the story
    with more versions, then to the smaller id. All other clusters get new ids, none of which is an
    id in *known*.
    """
    assigned = _keep_ids(clusters, current, known)
    used = {*known, *current.values()}
    new_clusters = [cluster for cluster in clusters if cluster not in assigned]
    for cluster in sorted(new_clusters, key=min):
        assigned[cluster] = _create_id(min(cluster), used)
        used.add(assigned[cluster])
    story_of: dict[str, str] = {}
    for cluster, story_id in assigned.items():
        story_of |= dict.fromkeys(cluster, story_id)
    return story_of


def initial_story_id(article_id: str) -> str:
    """The id of a story that begins with this article."""
    return f"s{article_id}"


def _keep_ids(
    clusters: Collection[Cluster], current: Mapping[str, str], known: Mapping[str, Story]
) -> dict[Cluster, str]:
    """Let the clusters that continue a story keep its id."""
    overlaps = Counter(_iterate_memberships(clusters, current))
    assigned: dict[Cluster, str] = {}
    taken: set[str] = set()
    for story_id, cluster in sorted(
        overlaps, key=lambda key: (-overlaps[key], *_seniority(key[0], known), min(key[1]))
    ):
        if cluster not in assigned and story_id not in taken:
            assigned[cluster] = story_id
            taken.add(story_id)
    return assigned


def _iterate_memberships(
    clusters: Collection[Cluster], current: Mapping[str, str]
) -> Iterator[tuple[str, Cluster]]:
    """For each article that is in a story: the story and the cluster it is in."""
    for cluster in clusters:
        for article_id in cluster:
            if article_id in current:
                yield current[article_id], cluster


def _seniority(story_id: str, known: Mapping[str, Story]) -> tuple[int, str]:
    """A sort key: stories with more versions first, then by id."""
    version = known[story_id].version if story_id in known else 0
    return -version, story_id


def _create_id(article_id: str, used: Collection[str]) -> str:
    story_id = initial_story_id(article_id)
    if story_id not in used:
        return story_id
    numbered = (f"{story_id}-{number}" for number in count(2))
    return next(candidate for candidate in numbered if candidate not in used)
