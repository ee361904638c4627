"""A required field that is there under another name."""

import pytest

from shared.article import SeedError, parse_seed

GIVEN = {
    "title": "The bridge",
    "publishedDateTime": "2026-03-02T12:00:00Z",
    "webUrl": "https://paper.example/bridge",
}


def read_messages(missing: str, instead: str) -> dict[str, str]:
    fields = {instead if name == missing else name: value for name, value in GIVEN.items()}
    lines = [f'{name}: "{value}"' for name, value in fields.items()]
    seed = "\n".join(["---", *lines, "---", ""]).encode()
    with pytest.raises(SeedError) as caught:
        parse_seed(seed)
    return {error.field: error.message for error in caught.value.errors}


@pytest.mark.parametrize(
    ("field", "instead"),
    [
        ("title", "titel"),
        ("title", "Title"),
        ("publishedDateTime", "publishDateTime"),
        ("publishedDateTime", "published_date_time"),
    ],
)
def test_a_missing_field_names_the_one_that_looks_like_it(field: str, instead: str):
    message = read_messages(field, instead)[field]
    suggestion = f"Did you mean `{field}` where you wrote `{instead}`?"
    assert message == f"Expected this field, but it is missing. {suggestion}"


def test_a_seed_without_an_address_names_the_one_that_looks_like_it():
    message = read_messages("webUrl", "weburl")["originalUrl"]
    assert message.endswith("Did you mean `webUrl` where you wrote `weburl`?")


@pytest.mark.parametrize("instead", ["headline", "quality", "x" * 500])
def test_a_field_that_does_not_look_like_it_is_not_named(instead: str):
    assert read_messages("title", instead)["title"] == "Expected this field, but it is missing."
