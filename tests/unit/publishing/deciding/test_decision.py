"""Which article outranks which, and what is published."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from services.publishing.deciding.decision import decide
from services.publishing.deciding.ranking import Contender, outranks
from services.publishing.deciding.rules import OUTRANKED, Rules

RULES = Rules()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def contender(name, quality, is_lead=False, minutes=0, title=None):
    published_at = NOON + timedelta(minutes=minutes)
    return Contender(name, title or f"Title of {name}", quality, published_at, is_lead)


def decide_with(quality, *relatives, is_lead=False, rules=RULES):
    """Decide an article of this quality, with relatives of these qualities."""
    others = [contender(f"b{number}", score) for number, score in enumerate(relatives)]
    return decide(contender("a", quality, is_lead), others, rules)


class TestOutranks:
    def test_the_higher_quality_outranks(self):
        assert outranks(contender("b", 71), contender("a", 70), RULES)
        assert not outranks(contender("a", 70), contender("b", 71), RULES)

    def test_of_equal_quality_the_earlier_outranks(self):
        assert outranks(contender("b", 70), contender("a", 70, minutes=1), RULES)

    def test_of_equal_quality_and_time_the_smaller_id_outranks(self):
        assert outranks(contender("a", 70), contender("b", 70), RULES)

    def test_a_challenger_within_the_margin_does_not_outrank_the_holder(self):
        holder, challenger = contender("a", 70, is_lead=True), contender("b", 71)
        assert not outranks(challenger, holder, RULES)
        assert outranks(holder, challenger, RULES)

    def test_a_challenger_ahead_by_the_margin_outranks_the_holder(self):
        assert outranks(contender("b", 72), contender("a", 70, is_lead=True), RULES)

    def test_without_a_margin_the_rank_alone_decides(self):
        rules = Rules(margin=0)
        holder, earlier = contender("a", 70, is_lead=True), contender("b", 70, minutes=-1)
        assert outranks(earlier, holder, rules)
        assert outranks(holder, contender("c", 70, minutes=1), rules)

    def test_between_two_holders_quality_decides(self):
        assert outranks(contender("b", 71, is_lead=True), contender("a", 70, is_lead=True), RULES)

    @pytest.mark.parametrize("margin", [0, 1, 2, 5])
    def test_exactly_one_of_two_outranks_the_other(self, margin):
        rules = Rules(margin=margin)
        variants = list(itertools.product((0, 68, 70, 71, 72, 75), (False, True), (0, 1)))
        for variant_a, variant_b in itertools.product(variants, variants):
            a, b = contender("a", *variant_a), contender("b", *variant_b)
            assert outranks(a, b, rules) != outranks(b, a, rules)


class TestRealCases:
    """What a real newsroom decided for real seeds."""

    @pytest.mark.parametrize(
        ("quality", "relatives", "heat", "published"),
        [
            pytest.param(39, [59], OUTRANKED, False, id="the mission's seed"),
            pytest.param(73, [70, 55, 48], 103, True, id="a lead of three"),
            pytest.param(70, [73, 55, 48], OUTRANKED, False, id="its second"),
            pytest.param(84, [46, 39, 39], 114, True, id="another lead"),
            pytest.param(86, [19], 96, True, id="one weak relative"),
            pytest.param(89, [104, 86, 63, 39, 34], OUTRANKED, False, id="outranked though good"),
            pytest.param(70, [], 70, True, id="no relatives, at the threshold"),
            pytest.param(69, [], 69, False, id="no relatives, below the threshold"),
            pytest.param(189, [], 189, True, id="no relatives, the best seen"),
            pytest.param(0, [], 0, False, id="no relatives, no quality"),
        ],
    )
    def test_the_outcome_is_that_of_the_newsroom(self, quality, relatives, heat, published):
        outcome = decide_with(quality, *relatives)
        assert (outcome.heat, outcome.published) == (heat, published)


class TestDecide:
    def test_all_relatives_count_however_many_are_shown(self):
        outcome = decide_with(50, *[20] * 12, rules=Rules(max_related=3))
        assert outcome.heat == 170
        assert outcome.reason == "leads 12 related articles: 50 + 12 × 10 = 170, at or above 70"

    def test_from_quality_50_relatives_add_heat(self):
        assert decide_with(50, 20, 20).heat == 70
        assert decide_with(49, 20, 20).heat == 49

    def test_the_quality_from_which_relatives_add_heat_is_a_setting(self):
        assert decide_with(40, 20, rules=Rules(heat_from_quality=40)).heat == 50
        assert decide_with(75, 20, rules=Rules(heat_from_quality=80)).heat == 75

    def test_the_heat_for_each_relative_is_a_setting(self):
        assert decide_with(82, *[20] * 12, rules=Rules(heat_per_relative=20)).heat == 322

    def test_the_lead_of_an_outranked_article_is_the_best_that_outranks_it(self):
        assert decide_with(50, 60, 80, 70).lead == "b1"

    def test_a_current_lead_is_preferred_to_a_better_article_that_does_not_lead(self):
        others = [contender("b", 80), contender("c", 79, is_lead=True)]
        assert decide(contender("a", 50), others, RULES).lead == "c"

    def test_a_lead_is_its_own_lead(self):
        assert decide_with(73, 70).lead == "a"

    def test_a_lead_keeps_all_its_relatives_as_inputs(self):
        others = [contender("b", 60), contender("c", 50)]
        assert decide(contender("a", 73), others, RULES).inputs == {
            "quality": 73,
            "relatives": [
                {"id": "b", "quality": 60, "version": 1},
                {"id": "c", "quality": 50, "version": 1},
            ],
            "holders": [],
        }

    def test_an_outranked_article_keeps_its_lead_and_all_that_lead(self):
        others = [contender("b", 90, is_lead=True), contender("c", 60, is_lead=True)]
        outcome = decide(contender("a", 73), [*others, contender("d", 50)], RULES)
        noon = "2026-03-02T12:00:00+00:00"
        assert outcome.inputs == {
            "quality": 73,
            "relatives": [
                {"id": "b", "quality": 90, "publishedAt": noon},
                {"id": "c", "quality": 60, "publishedAt": noon},
            ],
            "holders": ["b", "c"],
            "leadTitle": "Title of b",
        }

    def test_another_relative_changes_nothing_for_an_outranked_article(self):
        lead = contender("b", 90, is_lead=True)
        before = decide(contender("a", 73), [lead], RULES)
        assert decide(contender("a", 73), [lead, contender("c", 80)], RULES) == before

    def test_the_publish_threshold_is_a_setting(self):
        assert decide_with(60, rules=Rules(publish_at=60)).published


class TestTheReason:
    def test_a_lead_shows_its_sum(self):
        reason = decide_with(73, 70, 55, 48).reason
        assert reason == "leads 3 related articles: 73 + 3 × 10 = 103, at or above 70"

    def test_a_single_relative_is_named_in_the_singular(self):
        reason = decide_with(86, 19).reason
        assert reason == "leads 1 related article: 86 + 1 × 10 = 96, at or above 70"

    def test_an_article_without_relatives_stands_alone(self):
        assert decide_with(75).reason == "stands alone: quality 75, at or above 70"

    def test_below_the_threshold_it_says_what_is_needed(self):
        reason = decide_with(50, 30).reason
        assert reason == "below the publish threshold: heat 60, 70 is needed"

    def test_a_lead_of_low_quality_says_why_its_relatives_add_nothing(self):
        assert decide_with(40, 30, 20).reason == (
            "below the publish threshold: heat 40, 70 is needed; "
            "quality 40 is below 50, so its 2 relatives add no heat"
        )
        assert decide_with(75, 30, rules=Rules(heat_from_quality=80)).reason == (
            "leads 1 related article: quality 75 is below 80, so its relative adds no heat; "
            "heat 75 is at or above 70"
        )

    def test_an_outranked_article_names_the_article_that_outranks_it(self):
        others = [contender("b", 104, title="A better story")]
        assert decide(contender("a", 89), others, RULES).reason == (
            "outranked by “A better story” (quality 104 against 89)"
        )

    def test_a_tie_says_what_broke_it(self):
        earlier = decide(contender("a", 70), [contender("b", 70, minutes=-1)], RULES)
        assert earlier.reason == "outranked by “Title of b” (quality 70 against 70, but earlier)"
        by_id = decide(contender("b", 70), [contender("a", 70)], RULES)
        assert by_id.reason == (
            "outranked by “Title of a” (quality 70 against 70, but first by its id)"
        )

    def test_a_challenger_within_the_margin_is_told_so(self):
        outcome = decide(contender("b", 71), [contender("a", 70, is_lead=True)], RULES)
        assert outcome.reason == (
            "outranked by “Title of a” (quality 70 against 71, "
            "within the margin for which a holder keeps the lead)"
        )

    def test_a_holder_keeps_the_lead_within_the_margin(self):
        outcome = decide_with(70, 71, is_lead=True)
        assert outcome.reason == (
            "keeps the lead: a challenger with 71 is within the margin of 2; "
            "leads 1 related article: 70 + 1 × 10 = 80, at or above 70"
        )

    def test_a_holder_that_is_outranked_lost_the_lead(self):
        reason = decide_with(70, 80, is_lead=True).reason
        assert reason == "lost the lead to “Title of b0” (quality 80 against 70)"
