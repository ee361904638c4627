"""The document of the API: OpenAPI 3.1, made of the parameters and models that the code uses."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from services.web.feeds.feed_server import FORMATS
from services.web.http.conditional import respond
from services.web.http.parameters import MAX_KEY, build_parameter_schemas
from services.web.http.problems import PROBLEM_TYPE
from services.web.news.news_server import NewsParameters, TopicParameters
from services.web.news.response_models import NewsPage, ServedArticle, ServedStory

Json = dict[str, Any]
MEDIA_TYPE: Final = "application/json"
FOR_AN_HOUR: Final = "public, max-age=3600"

_MODELS: Final = (NewsPage, ServedArticle, ServedStory)
_PROBLEM: Final[Json] = {
    "type": "object",
    "description": "RFC 9457. Of a wrong parameter: which, and what is allowed.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "parameter": {"type": "string"},
        "allowed": {"type": "string"},
    },
}
_VALIDATORS: Final[Json] = {
    "ETag": {"schema": {"type": "string"}},
    "Last-Modified": {"schema": {"type": "string"}},
    "Cache-Control": {"schema": {"type": "string"}},
}


class OpenApiServer:
    """`GET /openapi.json`."""

    def __init__(self, further_paths: Mapping[str, Json], security: Json) -> None:
        self._body = json.dumps(build_document(further_paths, security)).encode()

    async def answer(self, request: Request) -> Response:
        return respond(request, self._body, MEDIA_TYPE, cache_control=FOR_AN_HOUR)


def build_document(further_paths: Mapping[str, Json], security: Json) -> Json:
    _, schemas = models_json_schema(
        [(model, "serialization") for model in _MODELS], ref_template="#/components/schemas/{model}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Seedwire",
            "version": "1",
            "description": "Published articles and their stories, to read. See docs/web.md.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {**_build_paths(), **further_paths},
        "components": {
            "schemas": {"Problem": _PROBLEM, **schemas["$defs"]},
            "securitySchemes": security,
        },
    }


def _build_paths() -> Json:
    slug = path_parameter("slug", "Its slug, as articles say it.")
    topic = path_parameter("topic", "A topic, whatever its case.", MAX_KEY)
    article_id = path_parameter("id", "The id of the article.", 64)
    story_id = path_parameter("id", "The id of the story, as articles say it.", 64)
    paths: Json = {
        "/api/news": _read(
            "listNews", "Published articles", _schema("NewsPage"),
            build_parameter_schemas(NewsParameters),
        ),
        "/api/news/topics/{topic}": _read(
            "listTopic", "Published articles with a topic", _schema("NewsPage"),
            [topic, *build_parameter_schemas(TopicParameters)],
        ),
        "/api/news/{slug}": _read(
            "showSlug", "A published article by its slug", _schema("ServedArticle"), [slug]
        ),
        "/articles/{id}": _read(
            "showArticle", "A published article", _schema("ServedArticle"), [article_id]
        ),
        "/stories/{id}": _read(
            "showStory", "A story and its published articles", _schema("ServedStory"), [story_id]
        ),
    }  # fmt: skip
    paths["/stories/{id}"]["get"]["responses"]["308"] = {
        "description": "The story ended; most of its articles went to this one.",
        "headers": {"Location": {"schema": {"type": "string"}}},
    }
    paths["/images/{sha256}"] = _build_pictures()
    for name, feed_format in FORMATS.items():
        content = {feed_format.media_type: {"schema": {"type": "string"}}}
        if name.endswith(".json"):
            content = {feed_format.media_type: {"schema": {"type": "object"}}}
        kind = name.partition(".")[0]
        paths[f"/feeds/{name}"] = _read(f"{kind}Feed", "A feed of the latest articles", content, [])
        paths[f"/feeds/topics/{{topic}}/{name}"] = _read(
            f"{kind}FeedOfTopic", "A feed of the latest articles with a topic", content, [topic]
        )
    return paths


def _build_pictures() -> Json:
    sha256 = path_parameter("sha256", "The SHA-256 of the original, as articles say it.", 64)
    sha256["schema"] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    width: Json = {
        "name": "w",
        "in": "query",
        "description": "The narrowest rendition with at least so many pixels across.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 99_999},
    }
    content = {"image/*": {"schema": {"type": "string", "contentMediaType": "image/*"}}}
    return _read("showPicture", "A kept picture", content, [sha256, width])


def path_parameter(name: str, description: str, max_length: int = 300) -> Json:
    schema = {"type": "string", "minLength": 1, "maxLength": max_length}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
    }


def problems(*statuses: int) -> Json:
    """The responses for these statuses."""
    content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    described = {
        400: "A parameter is wrong.",
        401: "The token is missing or wrong.",
        404: "There is no such thing, or it is not published.",
        413: "The seed is too large.",
        503: "The store or Kafka is unavailable; try again later.",
    }
    return {
        str(status): {"description": described[status], "content": content} for status in statuses
    }


def _schema(name: str) -> Json:
    return {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _read(operation: str, summary: str, content: Json, parameters: Sequence[Json]) -> Json:
    """A path that is read, with GET or HEAD."""
    responses = {
        "200": {"description": summary, "headers": _VALIDATORS, "content": content},
        "304": {"description": "Nothing changed since the answer that the validators are of."},
        **problems(400, 404, 503),
    }
    get = {
        "operationId": operation,
        "summary": summary,
        "parameters": list(parameters),
        "responses": responses,
    }
    return {"get": get}
