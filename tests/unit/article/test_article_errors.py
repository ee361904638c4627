from shared.article import FieldError, SeedError
from shared.article.errors import MAX_ERRORS, found, shortened


def test_errors_come_in_the_order_of_the_file() -> None:
    error = SeedError([FieldError("quality", 9, "Bad."), FieldError("title", 3, "Worse.")])
    assert [each.field for each in error.errors] == ["title", "quality"]
    assert str(error) == "title (line 3): Worse.; quality (line 9): Bad."


def test_a_hundred_thousand_errors_are_told_in_short() -> None:
    errors = SeedError(
        [FieldError(f"topics[{index}]", 1, "Bad.") for index in range(100_000)]
    ).errors
    assert len(errors) == MAX_ERRORS + 1
    assert errors[-1].message == "99,980 more errors are not listed."


def test_found_values_are_named_by_kind_and_shortened() -> None:
    assert [found(value) for value in (None, True, 5, "39", "", [1], {"a": 1})] == [
        "nothing",
        "true",
        "the number 5",
        'the text "39"',
        "empty text",
        "a list",
        "a block of fields",
    ]
    assert len(found("rain " * 1000)) < 80
    assert shortened("is " + "kq3+Zm9v" * 50 + ";aXY=") == "is …"
    assert shortened("a\nb\x1b[31m") == "a b [31m"
