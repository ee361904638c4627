"""What each word of a title is, and how two titles of one form differ."""

import pytest

from services.enrichment.related.features.titles.title_words import parse_title, prepare_title
from services.enrichment.related.neighbours.title_comparison import (
    ComparedTitle,
    TitleDifference,
    compare_titles,
    list_shared_names,
    list_unmatched_names,
)


def kinds(title: str, language: str = "en") -> dict[str, str]:
    return {word.text: word.kind for word in parse_title(title, language)}


def title(text: str, excerpt: str = "", language: str = "en") -> ComparedTitle:
    words = parse_title(text, language)
    stems = {stem for word in (*words, *parse_title(excerpt)) for stem in word.stems}
    return prepare_title(words, stems)


def compare(a: str, b: str, days: float = 0.0) -> TitleDifference:
    difference = compare_titles(title(a), title(b), days)
    assert compare_titles(title(b), title(a), days) == difference
    return difference


class TestWords:
    def test_with_a_capital_inside_a_title_are_names(self):
        assert kinds("People of Lowmarsh open the Heron bridge") == {
            "people": "word",
            "of": "word",
            "lowmarsh": "name",
            "open": "word",
            "the": "word",
            "heron": "name",
            "bridge": "word",
        }

    def test_in_title_case_are_names_only_if_they_are_rare(self):
        found = kinds("People Open the House Near Lowmarsh School")
        assert [text for text, kind in found.items() if kind == "name"] == ["lowmarsh"]

    def test_with_a_capital_inside_themselves_are_names(self):
        assert kinds("What the GPU and DevOps teams learned")["gpu"] == "name"

    @pytest.mark.parametrize(
        ("text", "word", "kind"),
        [
            ("Forecast for Tuesday", "tuesday", "date"),
            ("they march on", "march", "word"),
            ("Pictures of week 12", "12", "date"),
            ("12 dead as ferry sinks", "12", "number"),
            ("The budget of 2026", "2026", "date"),
            ("Shares fall 3.5% at noon", "noon", "date"),
            ("It costs $2bn", "2bn", "number"),
        ],
    )
    def test_may_be_dates_and_numbers(self, text: str, word: str, kind: str):
        assert kinds(text)[word] == kind

    def test_of_german_are_never_names_since_every_noun_has_a_capital(self):
        found = kinds("Die Stadt feiert das Wasser von Lauenmoor", "de")
        assert set(found.values()) == {"word"}

    def test_have_their_stems_whatever_their_spelling(self):
        (word,) = parse_title("COVID-19")
        assert word.stems == ("covid", "19")
        (abbreviation,) = parse_title("U.S.")
        assert abbreviation.stems == ("us",)


class TestTwoTitles:
    def test_of_one_form_with_another_name_differ_in_that_name(self):
        difference = compare(
            "Torvald Motors Q3 profit beats estimates as sales rise",
            "Belgrave Foods Q3 profit beats estimates as sales rise",
        )
        assert difference.name > 0.5
        assert difference.contradiction > 0.5

    def test_whose_names_are_anywhere_in_the_other_article_do_not_differ(self):
        a = title("Torvald names a new chief", "Belgrave follows")
        b = title("Belgrave names a new chief", "Torvald follows")
        assert compare_titles(a, b, 0.0) == TitleDifference()
        assert list_shared_names(a, b) == ["torvald", "belgrave"]
        assert list_unmatched_names(a, b) == []

    def test_that_differ_in_a_growing_number_do_not_differ(self):
        toll = "{} dead as ferry capsizes off Brannock"
        assert compare(toll.format(3), toll.format(5)) == TitleDifference()

    def test_that_spell_a_word_in_two_ways_do_not_differ(self):
        assert compare("Farmers find a Roman mosiac", "Farmers find a Roman mosaic").name == 0

    def test_that_say_the_same_in_other_rare_words_do_not_differ(self):
        new_name = "Lowmarsh to {} its harbour baths as Heron Pools"
        assert compare(new_name.format("rechristen"), new_name.format("rebrand")).name == 0

    def test_of_german_may_differ_in_any_rare_word(self):
        profit = "Gewinn von {} steigt im dritten Quartal"
        a, b = (title(profit.format(name), language="de") for name in ("Torvald", "Belgrave"))
        assert compare_titles(a, b, 0.0).name > 0.5

    @pytest.mark.parametrize(
        ("a", "b"),
        [
            ("Weather forecast for Tuesday", "Weather forecast for Wednesday"),
            ("The week in pictures, week 12", "The week in pictures, week 13"),
            ("Release notes for May", "Release notes for June"),
        ],
    )
    def test_of_a_column_differ_in_the_date(self, a: str, b: str):
        assert compare(a, b).date == 1

    def test_that_are_the_same_are_another_issue_once_the_period_is_over(self):
        weekly = "The week in pictures"
        assert compare(weekly, weekly, days=1).date == 0
        assert compare(weekly, weekly, days=6.9).date == 1

    def test_of_different_form_differ_in_nothing_but_names(self):
        difference = compare("Lowmarsh council debates the budget", "Heron Cup goes to Pelmoor")
        assert (difference.name, difference.date) == (0, 0)

    def test_without_words_do_not_differ(self):
        assert compare("...", "...") == TitleDifference()
