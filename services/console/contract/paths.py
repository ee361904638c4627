"""What the files of a contract are called, in the folder `contract` and in a released copy."""

from typing import Final

from shared.events.cloud_event import build_schema_uri

SCHEMAS: Final = "schemas"
EXAMPLES: Final = "examples"
ASYNCAPI: Final = "asyncapi.json"
PAGE: Final = "index.html"


def name_schema_file(kind: str) -> str:
    """Such as `schemas/article.published.v1.json`: the last part of the schema's `$id`."""
    return f"{SCHEMAS}/{build_schema_uri(kind).rpartition('/')[2]}"


def name_example_file(kind: str) -> str:
    return f"{EXAMPLES}/{kind}.json"
