"""Errors of a seed, in the words that its author reads."""

from shared.article import FieldError, SeedError
from shared.article.errors import MAX_ERRORS, describe_value, shorten


def test_errors_come_in_the_order_of_the_file() -> None:
    error = SeedError([FieldError("quality", 9, "Bad."), FieldError("title", 3, "Worse.")])
    assert [each.field for each in error.errors] == ["title", "quality"]
    assert str(error) == "title (line 3): Worse.; quality (line 9): Bad."


def test_of_a_hundred_thousand_errors_only_the_first_are_listed() -> None:
    errors = [FieldError(f"topics[{index}]", 1, "Bad.") for index in range(100_000)]
    shown = SeedError(errors).errors
    assert len(shown) == MAX_ERRORS + 1
    assert shown[-1].message == "99,980 more errors are not listed."


def test_found_values_are_named_by_kind_and_shortened() -> None:
    assert [describe_value(value) for value in (None, True, 5, "39", "", [1], {"a": 1})] == [
        "nothing",
        "true",
        "the number 5",
        'the text "39"',
        "empty text",
        "a list",
        "a block of fields",
    ]
    assert len(describe_value("rain " * 1000)) < 80
    assert shorten("is " + "kq3+Zm9v" * 50 + ";aXY=") == "is …"
    assert shorten("a\nb\x1b[31m") == "a b [31m"
