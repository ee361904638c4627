"""The files of the contract are what the models give, and say what consumers are promised."""

import hashlib
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from services.console.contract.channels import CHANNELS, RECORD_REJECTED, SEED, TOMBSTONES
from services.console.contract.generation import build_files, find_stale, write_files
from services.console.contract.headers import build_header_schema
from services.console.contract.page import describe_type
from services.console.contract.paths import (
    ASYNCAPI,
    PAGE,
    name_example_file,
    name_schema_file,
)
from services.console.contract.schemas import close
from shared.contract_files import CONTRACT, RELEASED
from shared.events.public.registry import PUBLIC_EVENTS
from shared.events.topics import load_topics

KINDS = tuple(PUBLIC_EVENTS)
ALL_KINDS = tuple(dict.fromkeys(kind for channel in CHANNELS for kind in channel.kinds))

RELEASED_DIGESTS = {
    "v1": "b3ca5539ba9d65ef4647ed52e2a68f1fa943db8fb3c4eef67c7e9b5f7f045551",
}


def load(path: str) -> Any:
    return json.loads((CONTRACT / path).read_text())


def load_schema(kind: str) -> dict[str, Any]:
    schema: dict[str, Any] = load(name_schema_file(kind))
    return schema


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a JSON document."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for item in node:
            yield from walk(item)


def test_the_committed_files_are_what_the_models_give():
    assert find_stale(CONTRACT, build_files()) == [], "run `make contract`"


def test_a_changed_and_a_surplus_file_are_found_and_mended(tmp_path):
    files = build_files()
    assert write_files(tmp_path, files) == sorted(files)
    changed = tmp_path / name_schema_file("article.published")
    changed.write_text(changed.read_text().replace("revision", "revisions"))
    surplus = tmp_path / "schemas" / "article.gone.v1.json"
    surplus.write_text("{}")
    expected = sorted([name_schema_file("article.published"), "schemas/article.gone.v1.json"])
    assert find_stale(tmp_path, files) == expected
    assert write_files(tmp_path, files) == expected
    assert find_stale(tmp_path, files) == []
    assert not surplus.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_carries_the_name_that_events_refer_to(kind: str):
    schema = load_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"https://seedwire.io/schemas/{kind}.v1.json"


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_lets_later_fields_in_and_knows_no_null(kind: str):
    for node in walk(load_schema(kind)):
        assert node.get("additionalProperties") is not False
        assert node.get("type") != "null"


@pytest.mark.parametrize("kind", KINDS)
def test_an_enumeration_is_open(kind: str):
    schema = load_schema(kind)
    listed = [node for node in walk(schema) if "enum" in node]
    opened = [node["anyOf"] for node in walk(schema) if "anyOf" in node]
    for enumeration in listed:
        assert [enumeration, {"type": "string"}] in opened


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_says_what_it_means(kind: str):
    for node in walk(load_schema(kind)):
        properties = node.get("properties")
        if isinstance(properties, dict) and node.get("type") == "object":
            for name, field in properties.items():
                assert field.get("description", "").endswith("."), (kind, name)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_there_is_an_example_of_every_event_and_it_keeps_the_contract(kind: str):
    example = load(name_example_file(kind))
    assert example["topic"] in [channel.topic for channel in CHANNELS if kind in channel.kinds]
    if kind in PUBLIC_EVENTS:
        validate(close(load_schema(kind)), example["value"])
        assert example["key"] in (
            example["value"].get("id"),
            example["value"].get("articleId"),
        ) or (kind == "seed.receipt")
    elif kind in TOMBSTONES:
        assert example["value"] is None
    if kind not in (SEED, RECORD_REJECTED):
        validate(close(build_header_schema(kind)), example["headers"])
    elif kind == RECORD_REJECTED:
        validate(build_header_schema(kind), example["headers"])


def validate(schema: dict[str, Any], value: Any) -> None:
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_reader_of_the_schema_takes_a_field_that_came_later(kind: str):
    example = load(name_example_file(kind))["value"]
    validate(load_schema(kind), example | {"addedLater": {"a": [1]}})
    without = {name: value for name, value in example.items() if name != "id" and name != "seed"}
    assert not Draft202012Validator(load_schema(kind)).is_valid(without)


def test_the_asyncapi_document_leads_everywhere_it_refers_to():
    document = load(ASYNCAPI)
    references = [node["$ref"] for node in walk(document) if "$ref" in node]
    assert len(references) > 50
    for reference in references:
        if reference.startswith("./"):
            assert (CONTRACT / reference).is_file(), reference
        else:
            assert resolve(document, reference) is not None, reference


def resolve(document: Any, reference: str) -> Any:
    node = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def test_the_asyncapi_document_has_topics_as_they_are_declared():
    document = load(ASYNCAPI)
    declared = {topic.name: topic for topic in load_topics()}
    assert set(document["channels"]) == {
        name for name in declared if not name.startswith(("articles.", "pictures."))
    }
    for name, channel in document["channels"].items():
        kafka = channel["bindings"]["kafka"]
        settings = declared[name].settings
        assert kafka["partitions"] == declared[name].partitions
        for setting, value in kafka["topicConfiguration"].items():
            if setting != "cleanup.policy":
                assert str(value) == settings[setting]
        assert channel["x-key"]
    state = document["channels"]["published.state"]["bindings"]["kafka"]["topicConfiguration"]
    assert state["cleanup.policy"] == ["compact"]
    assert document["operations"]["receive.seeds"]["action"] == "receive"
    assert document["operations"]["send.published.log"]["action"] == "send"


class Page(HTMLParser):
    """Which elements the page has, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        self.ids.add(named.get("id") or "")
        self.links.add(named.get("href") or "")
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_shows_every_event_and_every_field_and_its_links_lead_somewhere():
    text = (CONTRACT / PAGE).read_text()
    page = Page()
    page.feed(text)
    assert page.open == []
    for kind in KINDS:
        assert kind in page.ids
        for name in load_schema(kind)["properties"]:
            assert f"<code>{name}</code>" in text
    for link in page.links - {""}:
        assert link.removeprefix("#") in page.ids or (CONTRACT / link).is_file(), link


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "format": "date-time"}, "time"),
        ({"const": True}, "always true"),
        ({"anyOf": [{"enum": ["a", "b"]}, {"type": "string"}]}, "text: a, b, or another"),
        ({"type": "array", "items": {"$ref": "#/$defs/Image"}}, "list of Image"),
        ({"type": "object", "additionalProperties": True}, "fields of any name"),
        ({}, "any JSON"),
    ],
)
def test_the_page_says_types_in_words(field: dict[str, Any], words: str):
    assert describe_type(field) == words


def digest_folder(name: str) -> str:
    digest = hashlib.sha256()
    for file in sorted((RELEASED / name).rglob("*")):
        if file.is_file():
            digest.update(file.relative_to(RELEASED).as_posix().encode() + b"\0")
            digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()


def test_what_was_released_never_changes():
    """A new version gets a folder and a line of its own; no line here is ever changed."""
    found = {folder.name: digest_folder(folder.name) for folder in RELEASED.iterdir()}
    assert found == RELEASED_DIGESTS
