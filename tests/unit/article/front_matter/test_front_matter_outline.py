"""The lines of fields, and what the outline finds repeated."""

from shared.article.front_matter.outline import Outline, format_path

TEXT = """title: Rain
images:
  - url: a
    width: 1
  - url: b
provider: {name: x, images: [{url: c}]}
topics:
- a
-
  - b
title: Snow
"""


def test_every_field_has_its_line_in_the_file() -> None:
    lines = {format_path(path): line for path, line in Outline(TEXT).lines.items()}
    assert lines == {
        "front matter": 1,
        "title": 2,
        "images": 3,
        "images[0]": 4,
        "images[0].url": 4,
        "images[0].width": 5,
        "images[1]": 6,
        "images[1].url": 6,
        "provider": 7,
        "provider.name": 7,
        "provider.images": 7,
        "provider.images[0]": 7,
        "provider.images[0].url": 7,
        "topics": 8,
        "topics[0]": 9,
        "topics[1]": 11,
        "topics[1][0]": 11,
    }


def test_a_missing_field_has_the_line_of_what_should_hold_it() -> None:
    outline = Outline(TEXT)
    assert outline.find_line(("images", 1, "width")) == 6
    assert outline.find_line(("quality",)) == 1


def test_a_repeated_field_has_the_line_of_its_repetition() -> None:
    assert [(error.field, error.line) for error in Outline(TEXT).repeated] == [("title", 12)]


def test_line_breaks_of_yaml_1_1_are_not_counted() -> None:
    assert Outline("a: x\u2028y\u0085z\u2029\nb: 1").find_line(("b",)) == 3


def test_reading_stops_where_pyyaml_stops() -> None:
    assert Outline("a: 1\nb: [\nc: @").find_line(("a",)) == 2


def test_names_that_are_lists_and_names_in_secured_are_not_shown() -> None:
    outline = Outline("[a, b]: {c: 1, c: 2}\nsecured: {k: 1, k: 2}")
    assert [error.field for error in outline.repeated] == ["?.c", "secured"]
