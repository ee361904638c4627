"""What becomes of a story when links are taken away or added."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import combinations

from services.console.actions.stories.story_acts import StoryAct
from services.console.actions.stories.story_forecast import Field, Group, apply, predict
from services.publishing.deciding.ranking import Contender
from services.publishing.deciding.rules import Rules
from shared.store import OverrideKind, ordered_pair

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
QUALITIES = {"a": 96, "b": 82, "c": 46, "d": 39}
ALL = frozenset(QUALITIES)


def make_field(
    ids: Iterable[str] = ALL, lead: str = "a", qualities: dict[str, int] = QUALITIES
) -> Field:
    """Articles that are all linked to each other."""
    contenders = {
        name: Contender(name, f"The {name}", qualities[name], NOON, is_lead=name == lead)
        for name in sorted(ids)
    }
    links = frozenset(ordered_pair(*pair) for pair in combinations(sorted(contenders), 2))
    return Field(contenders, links, Rules())


def carry_out(
    kind: OverrideKind, *articles: str, field: Field | None = None, others: Iterable[str] = ()
) -> list[Group]:
    """The groups after the act on the story of all articles that are not *others*."""
    field = field or make_field()
    members = frozenset(field.contenders) - frozenset(others)
    act = StoryAct(kind, "s", 1, articles)
    after, groups = apply(act, field, members, frozenset(others))
    return predict(after, groups, "a")


def test_as_it_is_the_lead_has_ten_for_each_relative():
    assert predict(make_field(), [ALL], "a") == [Group(4, "a", "The a", 126, True)]


def test_a_split_takes_the_links_of_those_who_leave():
    stays, leaves = carry_out("split", "b")
    assert stays == Group(3, "a", "The a", 116, True)
    assert leaves == Group(1, "b", "The b", 82, True)


def test_those_who_leave_together_keep_their_links():
    _, leaves = carry_out("split", "b", "c")
    assert leaves == Group(2, "b", "The b", 92, True)


def test_a_weak_one_that_leaves_is_not_published():
    _, leaves = carry_out("split", "d")
    assert leaves == Group(1, "d", "The d", 39, False)


def test_a_merge_ties_the_best_to_all():
    apart = make_field()
    without = Field(
        apart.contenders,
        frozenset(pair for pair in apart.links if "d" not in pair),
        apart.rules,
    )
    (merged,) = carry_out("merge", field=without, others=["d"])
    assert merged == Group(4, "a", "The a", 126, True)


def test_of_two_that_are_kept_apart_the_weaker_leaves():
    stays, leaves = carry_out("block", "a", "d")
    assert (stays.size, stays.lead_id, stays.heat) == (3, "a", 116)
    assert leaves.size == 1


def test_a_lead_that_holds_is_kept_within_the_margin():
    close = {"a": 80, "b": 81}
    field = make_field(close, qualities=close)
    assert predict(field, [frozenset(close)], "a")[0].lead_id == "a"


def test_a_story_without_its_lead_gets_the_next_best():
    stays, _ = carry_out("split", "a")
    assert (stays.lead_id, stays.heat) == ("b", 102)


def test_the_same_question_has_the_same_answer():
    assert [carry_out("split", "b") for _ in range(5)].count(carry_out("split", "b")) == 5
