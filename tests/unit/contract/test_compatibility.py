"""The walker names every breaking change and no other, and says the same as an oracle."""

import copy
import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.console.contract.compatibility.schema_comparison import Comparison
from shared.errors import SettingsError
from tests.unit.contract.schema_mutations import Schema, invent_event, is_compatible, mutate

EVENT: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["id", "revision", "related"],
    "properties": {
        "id": {"type": "string", "description": "The key."},
        "revision": {"type": "integer", "minimum": 1},
        "title": {"type": "string", "maxLength": 300},
        "type": {"anyOf": [{"type": "string", "enum": ["article", "video"]}, {"type": "string"}]},
        "status": {"type": "string", "enum": ["accepted", "rejected"]},
        "at": {"type": "string", "format": "date-time"},
        "score": {"type": "number"},
        "extra": {"type": "object", "additionalProperties": True},
        "related": {"type": "array", "items": {"$ref": "#/$defs/Related"}},
    },
    "$defs": {
        "Related": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string"}, "quality": {"type": "integer"}},
        }
    },
}


def change(statement: str) -> Schema:
    """EVENT after a statement about `e` (the event), `p` (its fields) and `r` (a related one)."""
    event = copy.deepcopy(EVENT)
    names = {"e": event, "p": event["properties"], "r": event["$defs"]["Related"]}
    exec(statement, names)
    return event


BREAKING = {
    "a required field is gone": ("del p['id']; e['required'].remove('id')", "id", "removed"),
    "an optional field is gone": ("del p['title']", "title", "removed"),
    "a field deep inside is gone": (
        "del r['properties']['quality']",
        "related[].quality",
        "removed",
    ),
    "a new field is required": (
        "p['lead'] = {}; e['required'].append('lead')",
        "lead",
        "added-required",
    ),
    "a field becomes required": ("e['required'].append('title')", "title", "now-required"),
    "a field may be absent": ("e['required'].remove('revision')", "revision", "no-longer-required"),
    "required but not described": ("e['required'].append('x')", "x", "now-required"),
    "another type": ("p['title'] = {'type': 'integer'}", "title", "narrowed"),
    "an integer becomes a number": ("p['revision']['type'] = 'number'", "revision", "widened"),
    "a number becomes an integer": ("p['score']['type'] = 'integer'", "score", "narrowed"),
    "null is possible": (
        "p['title'] = {'anyOf': [p['title'], {'type': 'null'}]}",
        "title",
        "widened",
    ),
    "anything is possible": ("p['title'] = {}", "title", "widened"),
    "a value of a closed enum": ("p['status']['enum'].append('held')", "status", "widened"),
    "a value less": ("p['status']['enum'].pop()", "status", "narrowed"),
    "a closed enum opens": ("p['status'] = {'type': 'string'}", "status", "widened"),
    "an open enum closes": ("p['type'] = p['type']['anyOf'][0]", "type", "narrowed"),
    "a shorter limit": ("p['title']['maxLength'] = 200", "title", "narrowed"),
    "a longer limit": ("p['title']['maxLength'] = 400", "title", "widened"),
    "no limit": ("del p['title']['maxLength']", "title", "widened"),
    "a higher minimum": ("p['revision']['minimum'] = 2", "revision", "narrowed"),
    "a lower minimum": ("p['revision']['minimum'] = 0", "revision", "widened"),
    "a format": ("p['title']['format'] = 'uri'", "title", "narrowed"),
    "no format": ("del p['at']['format']", "at", "widened"),
    "a pattern": ("p['id']['pattern'] = '^a'", "id", "narrowed"),
    "a list must have items": ("p['related']['minItems'] = 1", "related", "narrowed"),
    "a list becomes an object": ("p['related'] = {'type': 'object'}", "related", "narrowed"),
    "other items": ("p['related']['items'] = {'type': 'string'}", "related[]", "narrowed"),
    "the event is closed": ("e['additionalProperties'] = False", "", "closed"),
    "free fields are no longer free": (
        "p['extra']['additionalProperties'] = False",
        "extra.*",
        "removed",
    ),
    "free fields get a type": (
        "p['extra']['additionalProperties'] = {'type': 'string'}",
        "extra.*",
        "narrowed",
    ),
    "a free name is taken": (
        "p['extra']['properties'] = {'a': {'type': 'string'}}",
        "extra.a",
        "declared",
    ),
    "an open enum that accepts no known value": (
        "p['type']['oneOf'] = p['type'].pop('anyOf')",
        "type",
        "unclear",
    ),
    "keywords nobody compares": ("e['not'] = {'required': ['x']}", "", "unclear"),
}

COMPATIBLE = {
    "nothing": "pass",
    "an optional field": "p['lead'] = {'type': 'string'}",
    "an optional field deep inside": "r['properties']['lead'] = {'type': 'string'}",
    "an optional object that requires something": (
        "p['lead'] = {'type': 'object', 'required': ['id'], 'properties': {'id': {}}}"
    ),
    "a value of an open enum": "p['type']['anyOf'][0]['enum'].append('podcast')",
    "a value less in an open enum": "p['type']['anyOf'][0]['enum'].pop()",
    "other words": "e['title'] = 'x'; p['id']['description'] = 'y'; p['id']['examples'] = ['a']",
    "a default": "p['title']['default'] = ''",
    "deprecated": "p['title']['deprecated'] = True",
    "an extension": "p['title']['x-note'] = 'y'",
    "another order": "e['required'].reverse(); e['properties'] = dict(reversed(p.items()))",
    "another definition's name": (
        "e['$defs']['Other'] = r; p['related']['items']['$ref'] = '#/$defs/Other'"
    ),
    "a definition written in place": "p['related']['items'] = r",
    "a definition more": "e['$defs']['Unused'] = {'type': 'string'}",
    "values as constants": (
        "p['status'] = {'anyOf': [{'const': 'accepted'}, {'const': 'rejected'}]}"
    ),
    "one of what cannot be both": (
        "p['at'] = {'oneOf': [p['at']]}; p['title'] = {'oneOf': [p['title'], False]}"
    ),
    "a minimum that says nothing": "p['id']['minLength'] = 0; p['related']['minItems'] = 0",
    "a minimum in other words": (
        "del p['revision']['minimum']; p['revision']['exclusiveMinimum'] = 0"
    ),
    "a reference inside allOf": "p['related']['items'] = {'allOf': [{'$ref': '#/$defs/Related'}]}",
    "free fields by saying nothing": "p['extra'] = {'type': 'object'}",
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_breaking_change_is_named_with_its_field_and_its_kind(name: str):
    statement, path, kind = BREAKING[name]
    found = Comparison(EVENT, change(statement)).find_breaks()
    assert (path, kind) in [(a_break.path, a_break.change) for a_break in found]
    assert {a_break.path for a_break in found} == {path}
    assert all(a_break.sentence and a_break.remedy for a_break in found)


@pytest.mark.parametrize("name", COMPATIBLE)
def test_a_compatible_change_is_not_named(name: str):
    assert Comparison(EVENT, change(COMPATIBLE[name])).find_breaks() == []


def test_a_form_that_another_contains_changes_nothing():
    text = {"type": "string", "minLength": 1}
    short = {**text, "maxLength": 4}
    assert Comparison({"anyOf": [text]}, {"anyOf": [text, short]}).find_breaks() == []
    assert Comparison({"anyOf": [short, text]}, {"anyOf": [text]}).find_breaks() == []
    found = Comparison({"anyOf": [short]}, {"anyOf": [short, text]}).find_breaks()
    assert [a_break.change for a_break in found] == ["widened"]
    by_pattern = [{**text, "pattern": "a"}, {**text, "pattern": "b"}]
    assert Comparison({"anyOf": by_pattern[:1]}, {"anyOf": by_pattern}).find_breaks() != []


def test_other_keywords_that_nobody_compares_break_too():
    earlier, later = {"not": {"type": "string"}}, {"not": {"type": "integer"}}
    assert Comparison(earlier, earlier).find_breaks() == []
    assert [found.change for found in Comparison(earlier, later).find_breaks()] == ["unclear"]


def test_breaks_of_several_fields_are_all_named():
    later = change("del p['id']; p['title']['maxLength'] = 1; r['properties']['quality'] = {}")
    found = {a_break.path for a_break in Comparison(EVENT, later).find_breaks()}
    assert found == {"id", "title", "related[].quality"}


def test_a_schema_that_contains_itself_is_compared_once():
    tree: Schema = {
        "$ref": "#/$defs/Tree",
        "$defs": {
            "Tree": {
                "type": "object",
                "properties": {"left": {"$ref": "#/$defs/Tree"}, "size": {"type": "integer"}},
            }
        },
    }
    later = copy.deepcopy(tree)
    later["$defs"]["Tree"]["properties"]["size"] = {"type": "string"}
    assert Comparison(tree, tree).find_breaks() == []
    assert {found.path for found in Comparison(tree, later).find_breaks()} == {"size"}


@pytest.mark.parametrize("reference", ["#/$defs/Nothing", "other.json#/a"])
def test_a_reference_that_leads_nowhere_is_an_error(reference: str):
    with pytest.raises(SettingsError, match="reference"):
        Comparison({"$ref": reference}, {}).find_breaks()


def assert_agreement(earlier: Schema, later: Schema) -> None:
    compatible = is_compatible(earlier, later)
    assume(compatible is not None)
    found = Comparison(earlier, later).find_breaks()
    assert (found == []) == compatible, (earlier, later, found)


@given(st.integers(0, 2**32))
@settings(max_examples=80)
def test_the_walker_and_the_oracle_agree_on_a_change_of_any_schema(seed: int):
    chance = random.Random(seed)
    earlier = invent_event(chance)
    later = mutate(earlier, chance)
    assert_agreement(earlier, later)


@given(st.integers(0, 2**32))
@settings(max_examples=30)
def test_the_walker_and_the_oracle_agree_on_several_changes(seed: int):
    chance = random.Random(seed)
    earlier = later = invent_event(chance)
    for _ in range(3):
        later = mutate(later, chance)
    assert_agreement(earlier, later)
