"""The AsyncAPI document is one, by AsyncAPI's own schema (npm's @asyncapi/specs)."""

import copy
import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from services.console.contract.paths import ASYNCAPI
from shared.contract_files import CONTRACT
from tests.clients.foreign_clients import CLIENTS, INSTALLED

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def official() -> Draft7Validator:
    (node,) = [client for client in CLIENTS if client.name == "kafkajs"]
    missing = node.find_missing()
    if missing:
        pytest.skip(f"THE ASYNCAPI DOCUMENT IS NOT VALIDATED: {missing}")
    node.install()
    folder = INSTALLED / "node" / "node_modules" / "@asyncapi" / "specs" / "schemas"
    return Draft7Validator(json.loads((folder / "3.0.0.json").read_text()))


@pytest.fixture
def document() -> Any:
    return json.loads((CONTRACT / ASYNCAPI).read_text())


def test_the_document_keeps_the_official_schema(official: Draft7Validator, document: Any):
    assert [error.message for error in official.iter_errors(document)] == []


def test_the_official_schema_refuses_a_document_that_is_wrong(
    official: Draft7Validator, document: Any
):
    for edit in ("version", "action", "channel"):
        wrong = copy.deepcopy(document)
        match edit:
            case "version":
                wrong["asyncapi"] = 3
            case "action":
                wrong["operations"]["receive.seeds"]["action"] = "listen"
            case "channel":
                wrong["channels"]["published.log"]["address"] = 7
        assert not official.is_valid(wrong), edit
