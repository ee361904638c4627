"""What two articles need to be related: less in a larger story, down to a bottom."""

import pytest

from services.enrichment.related.linking.recompute import Bar
from services.enrichment.related.settings import PRESETS, RelatedSettings

BAR = Bar(related=0.6, in_story=0.5, step=0.02)


def test_a_story_of_two_asks_what_is_asked_anywhere():
    assert BAR.among(0) == BAR.among(1) == BAR.among(2) == 0.6


def test_each_further_member_takes_a_step_off_down_to_the_bottom():
    assert [BAR.among(size) for size in (3, 4, 7, 8, 300)] == pytest.approx(
        [0.58, 0.56, 0.5, 0.5, 0.5]
    )


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_ask_less_in_a_story_than_anywhere(preset):
    bar = RelatedSettings(related_preset=preset).bar
    assert bar.among(1000) == bar.in_story < bar.related
