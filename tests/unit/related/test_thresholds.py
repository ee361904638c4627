"""The score that two articles need to be related: less in a larger story, down to a minimum."""

import pytest

from services.enrichment.related.linking.thresholds import Thresholds
from services.enrichment.related.settings import PRESETS, RelatedSettings

THRESHOLDS = Thresholds(related=0.6, in_story=0.5, step=0.02)


@pytest.mark.parametrize("size", [0, 1, 2])
def test_a_story_of_two_lowers_nothing(size: int):
    assert THRESHOLDS.for_story_size(size) == 0.6


def test_each_further_member_takes_a_step_off_down_to_the_minimum():
    scores = [THRESHOLDS.for_story_size(size) for size in (3, 4, 7, 8, 300)]
    assert scores == pytest.approx([0.58, 0.56, 0.5, 0.5, 0.5])


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_need_less_within_a_story_than_anywhere(preset):
    thresholds = RelatedSettings(related_preset=preset).thresholds
    assert thresholds.for_story_size(1000) == thresholds.in_story < thresholds.related
