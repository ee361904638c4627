"""`seedwire contract check`: what a change of the contract does to those who read it already."""

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.console.actions.contract import check_contract
from services.console.cli.main import run
from services.console.contract.compatibility.schema_comparison import Comparison
from services.console.contract.paths import ASYNCAPI, name_schema_file
from shared.contract_files import CONTRACT, RELEASED
from shared.events.public.registry import PUBLIC_EVENTS
from tests.unit.contract.schema_mutations import Schema

ARTICLE = name_schema_file("article.published")


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A copy of the contract that a test may change."""
    folder = tmp_path / "ours"
    shutil.copytree(CONTRACT, folder, ignore=shutil.ignore_patterns("released", "*.py*"))
    return folder


def change(folder: Path, path: str, edit: Callable[[Any], Any]) -> None:
    file = folder / path
    document = json.loads(file.read_text())
    edit(document)
    file.write_text(json.dumps(document))


def list_breaks(against: Path, ours: Path) -> list[tuple[str, str, str]]:
    _, found = check_contract(against, ours)
    return [(each.subject, each.found.path, each.found.change) for each in found]


def test_the_contract_breaks_nothing_that_was_released(capsys):
    assert run(["contract", "check", "--against", str(RELEASED)]) == 0
    assert "0 breaks" in capsys.readouterr().out


def test_a_break_is_printed_with_field_sentence_and_remedy(ours: Path, capsys):
    change(ours, ARTICLE, lambda schema: schema["properties"].pop("excerpt"))
    assert run(["contract", "check", "--against", str(CONTRACT), "--current", str(ours)]) == 1
    printed = capsys.readouterr().out
    assert "BREAK article.published.v1" in printed
    assert "excerpt" in printed
    assert "remedy: keep it" in printed


def test_with_json_each_break_is_a_line(ours: Path, capsys):
    change(ours, ARTICLE, lambda schema: schema["required"].append("excerpt"))
    arguments = ["--against", str(CONTRACT), "--current", str(ours), "--json"]
    assert run(["contract", "check", *arguments]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert found["subject"] == "article.published.v1"
    assert found["path"] == "excerpt"
    assert found["change"] == "now-required"
    assert found["sentence"]
    assert found["remedy"]


def test_a_folder_without_a_contract_is_wrong_usage(tmp_path: Path, capsys):
    assert run(["contract", "check", "--against", str(tmp_path)]) == 2
    assert "has no copy of the contract" in capsys.readouterr().err


def test_a_file_that_is_no_json_is_wrong_usage(ours: Path, capsys):
    (ours / ARTICLE).write_text("{")
    assert run(["contract", "check", "--against", str(ours)]) == 2
    assert "is no JSON" in capsys.readouterr().err


def test_an_event_that_is_gone_breaks_and_a_new_one_does_not(ours: Path):
    (ours / ARTICLE).unlink()
    shutil.copy(CONTRACT / ARTICLE, ours / "schemas" / "article.pinned.v1.json")
    assert list_breaks(CONTRACT, ours) == [("article.published.v1", "", "removed")]


def test_every_released_copy_counts_and_not_the_latest_alone(tmp_path: Path, ours: Path):
    """A field that v2 gave up and v3 uses for something else breaks v1, whose records remain."""
    for version in ("v1", "v2"):
        shutil.copytree(ours, tmp_path / "released" / version)
    change(tmp_path / "released" / "v2", ARTICLE, lambda schema: schema["properties"].pop("body"))
    change(ours, ARTICLE, lambda schema: schema["properties"].update(body={"type": "integer"}))
    copies, found = check_contract(tmp_path / "released", ours)
    assert copies == ["v1", "v2"]
    assert {(each.released, each.found.path) for each in found} == {("v1", "body")}


def configure(name: str, value: Any) -> Callable[[Any], None]:
    def edit(kafka: Any) -> None:
        kafka["topicConfiguration"][name] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "path"),
    [
        (lambda kafka: kafka.update(partitions=8), "partitions"),
        (configure("cleanup.policy", ["delete"]), "cleanup.policy"),
        (configure("delete.retention.ms", 1), "delete.retention.ms"),
    ],
)
def test_a_topic_that_keeps_less_or_another_order_breaks(ours: Path, edit: Any, path: str):
    change(
        ours, ASYNCAPI, lambda doc: edit(doc["channels"]["published.state"]["bindings"]["kafka"])
    )
    assert list_breaks(CONTRACT, ours) == [("topic published.state", path, "topic")]


def test_a_topic_that_is_kept_longer_breaks_nothing(ours: Path):
    def edit(document: Any) -> None:
        kafka = document["channels"]["published.log"]["bindings"]["kafka"]
        kafka["topicConfiguration"]["retention.ms"] *= 2

    change(ours, ASYNCAPI, edit)
    assert list_breaks(CONTRACT, ours) == []


def test_a_topic_a_key_an_event_in_it_and_a_header_count(ours: Path):
    def edit(document: Any) -> None:
        del document["channels"]["stories.state"]
        document["channels"]["published.log"]["x-key"] = "The URL."
        del document["channels"]["stories.log"]["messages"]["story.led"]
        headers = document["components"]["messages"]["article.published"]["headers"]
        del headers["properties"]["ce_time"]

    change(ours, ASYNCAPI, edit)
    assert set(list_breaks(CONTRACT, ours)) == {
        ("topic stories.state", "", "topic"),
        ("topic published.log", "x-key", "topic"),
        ("topic stories.log", "", "topic"),
        ("headers of article.published", "ce_time", "removed"),
    }


def list_fields(schema: Schema) -> list[tuple[str, Schema, str]]:
    """Every field of a schema and of its definitions: its object's name, the object, its name."""
    objects = {"": schema, **schema.get("$defs", {})}
    return [
        (owner, described, name)
        for owner, described in objects.items()
        for name in described["properties"]
    ]


@pytest.mark.parametrize("kind", PUBLIC_EVENTS)
def test_every_field_that_goes_or_changes_is_named(kind: str):
    schema = json.loads((CONTRACT / name_schema_file(kind)).read_text())
    count = len(list_fields(schema))
    assert count > 4
    for number in range(count):
        for edit in (drop_field, change_type, flip_required):
            later = copy.deepcopy(schema)
            owner, described, name = list_fields(later)[number]
            edit(described, name)
            found = Comparison(schema, later).find_breaks()
            named = {each.path.replace("[]", "").split(".")[-1] for each in found}
            is_any = set(described["properties"].get(name, {})) <= {"description"}
            if not (edit is change_type and is_any):
                assert name in named, (edit.__name__, owner, name, found)


def drop_field(described: Schema, name: str) -> None:
    del described["properties"][name]
    required = described.get("required", ())
    described["required"] = [other for other in required if other != name]


def change_type(described: Schema, name: str) -> None:
    was_list = described["properties"][name].get("type") == "array"
    described["properties"][name] = {"type": "boolean"} if was_list else {"type": "array"}


def flip_required(described: Schema, name: str) -> None:
    described["required"] = sorted(set(described.get("required", ())) ^ {name})


@pytest.mark.parametrize("kind", PUBLIC_EVENTS)
def test_a_new_optional_field_anywhere_is_compatible_and_a_required_one_is_not(kind: str):
    schema = json.loads((CONTRACT / name_schema_file(kind)).read_text())
    for owner in ["", *schema.get("$defs", {})]:
        later = copy.deepcopy(schema)
        described = later["$defs"][owner] if owner else later
        described["properties"]["addedLater"] = {"type": "string"}
        assert Comparison(schema, later).find_breaks() == []
        described["required"] = [*described.get("required", ()), "addedLater"]
        found = Comparison(schema, later).find_breaks()
        assert {each.change for each in found} == {"added-required"}
