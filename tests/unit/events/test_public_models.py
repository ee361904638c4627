"""The models of the public events are closed, described and complete."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from shared.events.public.articles import RetractedArticle
from shared.events.public.block import remove_unspoken
from shared.events.public.registry import PUBLIC_EVENTS
from shared.store import StoryEventKind

SCHEMAS = {kind: model.model_json_schema(by_alias=True) for kind, model in PUBLIC_EVENTS.items()}
RETRACTION = {
    "id": "a",
    "revision": 2,
    "storyId": "sa",
    "type": "article",
    "title": "T",
    "publishedDateTime": "2026-03-02T10:00:00Z",
    "url": "https://paper.example/a",
    "reasonCode": "below-threshold",
    "reason": "below",
}


def list_objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema and its definitions, as far as they are objects."""
    for part in (schema, *schema.get("$defs", {}).values()):
        if "properties" in part:
            yield part


def test_every_kind_of_story_event_has_a_model():
    stories = {kind.removeprefix("story.") for kind in PUBLIC_EVENTS if kind.startswith("story.")}
    assert stories == {*get_args(StoryEventKind)}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_field_says_what_it_is(kind: str):
    for part in list_objects(SCHEMAS[kind]):
        assert part["description"]
        for name, field in part["properties"].items():
            assert field.get("description"), (part["title"], name)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_producers_write_no_other_fields(kind: str):
    assert all(part["additionalProperties"] is False for part in list_objects(SCHEMAS[kind]))


def test_an_optional_field_that_says_nothing_is_absent():
    retraction = RetractedArticle.model_validate(RETRACTION)
    assert retraction.as_json() == RETRACTION


def test_an_unknown_field_is_no_part_of_an_event():
    with pytest.raises(ValidationError):
        RetractedArticle.model_validate(RETRACTION | {"later": 1})


def test_a_code_that_is_new_can_be_read():
    retraction = RetractedArticle.model_validate(RETRACTION | {"reasonCode": "withdrawn"})
    assert retraction.reason_code == "withdrawn"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"a": None, "b": 0, "c": False, "d": ""}, {"b": 0, "c": False, "d": ""}),
        ([None, [None], {"x": None}], [[], {}]),
        ({"secured": 1, "Secured": 1, "SECURED": 1, "secured ": 1}, {"secured ": 1}),
        ({"deep": [{"deep": {"sEcured": 1}}]}, {"deep": [{"deep": {}}]}),
        (None, None),
    ],
)
def test_nulls_and_secured_are_removed_at_any_depth(given: Any, shown: Any):
    assert remove_unspoken(given) == shown
