"""One article that cannot be read hides no other."""

from dataclasses import replace
from pathlib import Path

import pytest

from shared.store import ArticleWrite, Link, Store, ordered_pair
from tests.unit.console.newsroom import Newsroom, make_seed


@pytest.fixture
def newsroom_with_damage(newsroom: Newsroom) -> Newsroom:
    """Two related articles, of which one is no seed any more."""
    newsroom.drop(make_seed("good", title="Good"), make_seed("bad", title="Bad"))
    newsroom.use_store(damage)
    return newsroom


async def damage(store: Store) -> None:
    good = await find(store, "good")
    bad = await find(store, "bad")
    await store.links.save([Link(*ordered_pair(good, bad), 0.9)])
    await replace_seed(store, bad, b"---\ntitle: [\nsecured: CANARY\n---\n")


async def damage_what_it_lists_as_related(store: Store) -> None:
    bad = await find(store, "bad")
    seed = (await store.articles.get([bad]))[bad].seed
    damaged = seed.replace(b"\n---\n", b'\n\nrelated:\n  - title: "Wi\x00nd"\n---\n')
    await replace_seed(store, bad, damaged)


async def replace_seed(store: Store, article_id: str, seed: bytes) -> None:
    article = (await store.articles.get([article_id]))[article_id]
    broken = replace(article, seed=seed)
    written = await store.articles.save([ArticleWrite(broken, article.version, article.writes)])
    assert written == [True]


async def find(store: Store, name: str) -> str:
    article = await store.articles.find(f"paper.example/{name}")
    assert article is not None
    return article.id


def test_list_has_a_row_that_says_so(newsroom_with_damage: Newsroom):
    output = newsroom_with_damage.run("list")
    assert output.exit_code == 1
    assert "Good" in output.stdout
    assert "cannot be read: " in output.stdout
    assert "2 articles, 0 published, 1 of them cannot be read" in output.stdout
    assert "CANARY" not in output.stdout


def test_damage_in_what_it_lists_as_related_is_said_too(newsroom: Newsroom):
    newsroom.drop(make_seed("good", title="Good"), make_seed("bad", title="Bad"))
    newsroom.use_store(damage_what_it_lists_as_related)
    output = newsroom.run("list")
    assert output.exit_code == 1
    assert "2 articles, 0 published, 1 of them cannot be read" in output.stdout


def test_a_damaged_article_that_is_dropped_again_can_be_read_again(newsroom: Newsroom):
    newsroom.drop(make_seed("bad", title="Bad"))
    newsroom.use_store(damage_what_it_lists_as_related)
    newsroom.drop(make_seed("bad", title="Bad"))
    output = newsroom.run("list")
    assert output.exit_code == 0
    assert "cannot be read" not in output.stdout


def test_list_as_json_has_a_line_with_the_problem(newsroom_with_damage: Newsroom):
    articles = newsroom_with_damage.read_json("list")
    assert [article.get("title") for article in articles] == ["Good", None]
    assert set(articles[1]) == {"id", "problem"}
    assert newsroom_with_damage.run("list", "--json").exit_code == 1


def test_the_article_beside_it_can_be_shown_and_explained(newsroom_with_damage: Newsroom):
    for command in ("show", "why"):
        output = newsroom_with_damage.run(command, "https://paper.example/good")
        assert (output.exit_code, output.stdout.split("\n")[0]) == (0, "Good")


def test_the_article_itself_is_an_error_in_a_sentence(newsroom_with_damage: Newsroom):
    for command in ("show", "why"):
        output = newsroom_with_damage.run(command, "https://paper.example/bad")
        assert output.exit_code == 1
        assert "cannot be read" in output.stderr
        assert "CANARY" not in output.stderr


def test_export_writes_the_others(newsroom_with_damage: Newsroom, tmp_path: Path):
    output = newsroom_with_damage.run("export", str(tmp_path / "out"))
    assert output.exit_code == 1
    assert len(list((tmp_path / "out").iterdir())) == 1
    assert "cannot be read" in output.stderr


def test_a_contact_sheet_leaves_it_out(newsroom_with_damage: Newsroom, tmp_path: Path):
    output = newsroom_with_damage.run("images", "sheet", str(tmp_path / "sheet.png"))
    assert output.exit_code == 0


def test_an_article_is_read_without_the_damage_of_others(newsroom: Newsroom, tmp_path: Path):
    newsroom.drop(make_seed("good"))
    assert newsroom.run("list").exit_code == 0
    assert newsroom.run("export", str(tmp_path / "out")).exit_code == 0
