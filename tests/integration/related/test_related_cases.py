"""Kinds of articles that linking once got wrong, or might: invented, over the worker's own code."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from services.enrichment.related.features.sentence_model import DEFAULT_FOLDER, is_installed
from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stream import link_stream
from shared.article import parse_seed
from shared.store import Store
from tests.real_data import DATA

MODELS = ("off", "on")
HOUR = 3600.0
DAY = 86_400.0
MONDAY = 1_772_438_400.0
CASES = DATA.parent / "cases"
Line = dict[str, Any]


def line(
    line_id: str, title: str, excerpt: str = "", at: float = 0.0, provider: str = "tide.example"
) -> Line:
    return {
        "id": line_id,
        "title": title,
        "excerpt": excerpt,
        "provider": provider,
        "ts": MONDAY + at,
    }


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> str:
    if request.param == "on" and not is_installed(DEFAULT_FOLDER):
        pytest.skip("no sentence model is installed: `make model`")
    return str(request.param)


async def link(
    lines: Sequence[Line], model: str, store: Store, preset: str = "balanced"
) -> dict[str, Line]:
    settings = RelatedSettings(related_model=model, related_preset=preset)
    results = await link_stream(lines, build_handler(settings), store, lambda done, total: None)
    return {result["id"]: dict(result) for result in results}


def group_by_story(results: dict[str, Line]) -> set[frozenset[str]]:
    stories: dict[str, set[str]] = {}
    for line_id, result in results.items():
        stories.setdefault(result["story"], set()).add(line_id)
    return {frozenset(members) for members in stories.values()}


def assert_alone(results: dict[str, Line]) -> None:
    assert all(not result["related"] for result in results.values()), results
    assert group_by_story(results) == {frozenset([line_id]) for line_id in results}


def assert_together(results: dict[str, Line]) -> None:
    assert group_by_story(results) == {frozenset(results)}
    for line_id, result in results.items():
        assert {*result["related"]} == results.keys() - {line_id}


async def test_the_same_text_under_another_url_is_one_event(store: Store, model: str):
    text = ("Lantern museum opens in Oskar Mill", "Forty lamps hang in the former weaving hall.")
    assert_together(await link([line("a", *text), line("b", *text)], model, store))


async def test_a_number_that_grows_is_no_other_event(store: Store, model: str):
    titles = {
        "a": "4 hurt as tram leaves its rails in Pelmoor",
        "b": "7 hurt as tram leaves its rails in Pelmoor",
        "c": "11 hurt as tram leaves its rails in Pelmoor",
    }
    texts = ("Rescuers search the last carriage.", "Two carriages lie on the road.", "")
    lines = []
    for number, (line_id, title) in enumerate(titles.items()):
        lines.append(line(line_id, title, texts[number], number * HOUR))
    assert_together(await link(lines, model, store))


async def test_another_company_in_the_same_sentence_is_another_event(store: Store, model: str):
    lines = [
        line(
            "a",
            "Harwick Rail second-quarter profit beats estimates as freight grows",
            "The Lowmarsh operator moved nine million tonnes of salt, said its chief, Una Harwick.",
        ),
        line(
            "b",
            "Dunmere Dairy second-quarter profit beats estimates as exports grow",
            "Cheese from Grauholm found buyers overseas, and the dairy raised its milk price.",
        ),
        line(
            "c",
            "Corvane Insurance second-quarter profit beats estimates as premiums grow",
            "A mild winter kept claims low, the insurer reported, and it will hire in Pelmoor.",
            provider="star.example",
        ),
    ]
    assert_alone(await link(lines, model, store))


async def test_issues_of_a_column_are_not_related(store: Store, model: str):
    lines = [
        line("a", "Tide tables for Tuesday"),
        line("b", "Tide tables for Wednesday", at=DAY),
        line("c", "Crossword for Thursday"),
        line("d", "Crossword for Friday", at=DAY),
    ]
    assert_alone(await link(lines, model, store))


async def test_only_the_broad_preset_relates_the_same_subject_in_another_event(
    store: Store, model: str
):
    """The first is the seed that Seedwire began with, the second what its site related to it."""
    lines = [
        line(
            "mission",
            "China's top court issues regulations on facial recognition technology",
            "New rules on facial recognition technology are coming into effect in China, with the"
            " Supreme People's Court specifying a set of regulations that will better protect the"
            " data of citizens. The measures follow rising consumer concern over infringements.",
            provider="cgtn.com",
        ),
        line(
            "relative",
            "Facial Recognition Links Pennsylvania Man to Texas Shooting",
            "A lengthy investigation that involved scouring surveillance videos and using facial"
            " recognition software connected a Harrisburg man to the shooting death of a Houston"
            " truck driver, court records state.",
            at=-11 * HOUR,
            provider="govtech.com",
        ),
    ]
    results = await link(lines, model, store, "broad")
    assert results["mission"]["related"] == ["relative"]
    assert results["mission"]["story"] != results["relative"]["story"]


def load_case(name: str) -> list[Line]:
    """The seeds of a case that lies beside the project."""
    lines: list[Line] = []
    for path in sorted(next(CASES.glob(f"{name}-*")).glob("*.md")):
        if path.name == "case.md":
            continue
        article = parse_seed(path.read_bytes())
        provider = article.provider
        lines.append(
            {
                "id": path.stem,
                "title": article.title,
                "excerpt": article.excerpt,
                "provider": provider.domain if provider else "",
                "ts": article.published_date_time.timestamp(),
            }
        )
    return lines


needs_cases = pytest.mark.skipif(not Path(CASES).is_dir(), reason="the cases are not here")


@needs_cases
class TestSharedCases:
    async def test_05_each_text_is_one_event_under_both_urls(self, store: Store, model: str):
        results = await link(load_case("05"), model, store)
        pairs = {frozenset({f"{letter}1", f"{letter}2"}) for letter in "abcde"}
        assert group_by_story(results) == pairs

    async def test_09_a_rising_toll_is_one_event(self, store: Store, model: str):
        assert_together(await link(load_case("09"), model, store))

    @pytest.mark.parametrize("name", ["10", "12"])
    async def test_templates_and_columns_are_not_related(self, store: Store, model: str, name: str):
        assert_alone(await link(load_case(name), model, store))
