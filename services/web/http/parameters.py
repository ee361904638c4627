"""Query parameters: which there are, what they may be, and what is said of wrong ones."""

from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import QueryParams
from starlette.requests import Request

from services.web.http.problems import build_problem


class Parameters(BaseModel):
    """The query parameters of one path. The document of the API is made of its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


SomeParameters = TypeVar("SomeParameters", bound=Parameters)


MAX_KEY: Final = 200
"""Characters of a topic or a provider: no list has a longer one."""


class WrongParameter(Exception):
    """A request has a parameter that is not allowed. Consequence: it is answered with 400."""

    def __init__(self, name: str, detail: str, allowed: Any) -> None:
        super().__init__(detail)
        self.response = build_problem(400, detail, parameter=name, allowed=allowed)


def read_parameters(kind: type[SomeParameters], given: QueryParams) -> SomeParameters:
    """The parameters of a request. Raises WrongParameter for the first that is wrong."""
    for name in given:
        if len(given.getlist(name)) > 1:
            raise WrongParameter(name, f"{name} is given more than once", "once")
    try:
        return kind.model_validate(dict(given))
    except ValidationError as error:
        raise _describe(kind, error) from error


def read_topic(request: Request) -> str:
    """The topic in the path. Raises WrongParameter."""
    topic = str(request.path_params["topic"])
    if not 0 < len(topic) <= MAX_KEY:
        allowed = f"1 to {MAX_KEY} characters"
        raise WrongParameter("topic", f"topic has {len(topic)} characters, not {allowed}", allowed)
    return topic


def build_parameter_schemas(kind: type[Parameters]) -> list[dict[str, Any]]:
    """The parameters as the document of the API has them."""
    properties = kind.model_json_schema()["properties"]
    described = []
    for name, schema in properties.items():
        description = schema.get("description", "")
        kept = _without_null(schema)
        described.append({"name": name, "in": "query", "description": description, "schema": kept})
    return described


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter that may be missing: it is a text, never null."""
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            return dict(choice)
    return {key: value for key, value in schema.items() if key not in ("title", "description")}


def _describe(kind: type[Parameters], error: ValidationError) -> WrongParameter:
    first = error.errors(include_url=False, include_context=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    properties = kind.model_json_schema()["properties"]
    if name not in properties:
        names = ", ".join(properties)
        return WrongParameter(name, f"there is no parameter {name}; there are {names}", names)
    description = properties[name]["description"]
    return WrongParameter(name, f"{name} is wrong: {first['msg']}. {description}", description)
