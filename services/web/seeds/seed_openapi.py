"""The paths for seeds, as the document of the API has them."""

from typing import Any, Final

from services.web.http.problems import PROBLEM_TYPE
from services.web.openapi import Json, path_parameter, problems

SECURITY: Final[Json] = {"token": {"type": "http", "scheme": "bearer"}}
_NEEDS_TOKEN: Final[list[Json]] = [{"token": []}]
_RECEIPT: Final[Json] = {
    "type": "object",
    "required": ["path", "status", "articleId", "errors", "warnings"],
    "properties": {
        "path": {"type": "string"},
        "status": {
            "type": "string",
            "description": "accepted, updated, unchanged, duplicate, outdated; sent: not answered.",
        },
        "articleId": {"type": ["string", "null"]},
        "errors": {"type": "array", "items": {"type": "object"}},
        "warnings": {"type": "array", "items": {"type": "object"}},
    },
}
_REJECTED: Final[Json] = {
    "allOf": [
        {"$ref": "#/components/schemas/Problem"},
        {
            "properties": {
                "errors": {
                    "type": "array",
                    "description": "What is wrong: field, line and a sentence.",
                    "items": {"type": "object"},
                },
                "case": {
                    "type": "string",
                    "description": "The id of the rejected record, for whoever mends it.",
                },
            }
        },
    ]
}


def build_seed_paths() -> Json:
    return {
        "/seeds": {"post": _build_drop()},
        "/receipts/{id}": {
            "get": {
                "operationId": "showReceipt",
                "summary": "The receipt of a seed that was answered with 202",
                "security": _NEEDS_TOKEN,
                "parameters": [path_parameter("id", "As the header Location gave it.", 64)],
                "responses": {**_answers(), **problems(401, 404, 503)},
            }
        },
    }


def _build_drop() -> Json:
    return {
        "operationId": "dropSeed",
        "summary": "Drop a seed file",
        "description": "The same seed may be posted again: that changes nothing.",
        "security": _NEEDS_TOKEN,
        "requestBody": {
            "required": True,
            "content": {"text/markdown": {"schema": {"minLength": 1}}},
        },
        "responses": {**_answers(), **problems(400, 401, 413, 503)},
    }


def _answers() -> Json:
    content: dict[str, Any] = {"application/json": {"schema": _RECEIPT}}
    return {
        "200": {"description": "The article is known; `status` says the rest.", "content": content},
        "201": {"description": "A new article was accepted.", "content": content},
        "202": {
            "description": "Not answered yet; ask at Location after Retry-After seconds.",
            "headers": {
                "Location": {"schema": {"type": "string"}},
                "Retry-After": {"schema": {"type": "string"}},
            },
            "content": content,
        },
        "422": {
            "description": "The seed was rejected.",
            "content": {PROBLEM_TYPE: {"schema": _REJECTED}},
        },
    }
