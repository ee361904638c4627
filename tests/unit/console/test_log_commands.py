"""`seedwire log`, and the acts that commands leave in it."""

from dataclasses import replace

import pytest

from shared.clock import now
from shared.store import Act, ParkedFetch, Store
from tests.unit.console.newsroom import Newsroom, make_seed

URL = "https://pictures.example/1.jpg"


async def park(store: Store) -> None:
    fetch = ParkedFetch("a1", URL, now().replace(year=2100), 1, "it was slow")
    other = replace(fetch, url="https://other.example/2.jpg")
    await store.parked.park([fetch, other])


async def list_acts(store: Store) -> list[Act]:
    return await store.history.list_acts()


def test_a_parked_picture_is_retried_and_the_log_says_so(newsroom: Newsroom):
    newsroom.use_store(park)
    listed = newsroom.read_json("images", "parked")
    assert {entry["host"] for entry in listed} == {"pictures.example", "other.example"}
    output = newsroom.run("images", "retry", URL, "--by", "ann", "--reason", "it is back")
    assert (output.exit_code, output.stdout) == (0, "1 due now\n")
    (act,) = newsroom.read_json("log")
    assert (act["kind"], act["by"], act["reason"]) == ("retry", "ann", "it is back")
    assert act["subjects"] == ["a1"]
    assert "retry (it is back): 1 of 1 due now" in newsroom.run("log", "a1").stdout


def test_all_pictures_of_a_host_are_given_up(newsroom: Newsroom):
    newsroom.use_store(park)
    assert newsroom.read_json("images", "give-up", "--host", "other.example") == [{"givenUp": 1}]
    assert [entry["key"] for entry in newsroom.read_json("images", "parked")] == [URL]
    nothing = newsroom.run("images", "give-up", "--host", "other.example")
    assert nothing.exit_code == 1
    assert "nothing is parked" in nothing.stderr


@pytest.mark.parametrize("arguments", [(), (URL, "--host", "x")])
def test_one_picture_or_one_host_must_be_named(newsroom: Newsroom, arguments: tuple[str, ...]):
    assert newsroom.run("images", "retry", *arguments).exit_code == 2


def test_a_dismissal_and_an_override_are_in_the_log(newsroom: Newsroom):
    newsroom.drop(b"no seed", make_seed("bridge"), make_seed("harbour", title="Another"))
    (rejected,) = newsroom.read_json("rejected", "list")
    newsroom.run("rejected", "dismiss", rejected["id"], "--reason", "a test", "--by", "bo")
    urls = ("https://paper.example/bridge", "https://paper.example/harbour")
    newsroom.run("story", "pin", *urls, "--by", "ann", "--reason", "one bridge")
    newsroom.run("story", "undo", *urls, "--by", "cy")
    acts = newsroom.use_store(list_acts)
    assert [(act.kind, act.by) for act in acts] == [
        ("undo", "cy"),
        ("pin", "ann"),
        ("dismiss", "bo"),
    ]
    assert newsroom.read_json("log", rejected["id"])[0]["outcome"] == "1 dismissed"


def test_the_log_is_cut_where_it_was_asked(newsroom: Newsroom):
    newsroom.use_store(park)
    for _ in range(3):
        newsroom.run("images", "retry", URL)
    assert len(newsroom.read_json("log", "--limit", "2")) == 2
    assert len(newsroom.read_json("log", "--limit", "0")) == 3


def test_numbers_of_one_are_singular_and_an_act_may_name_nothing(newsroom: Newsroom):
    async def record(store: Store) -> None:
        await park(store)
        await store.history.record_act(Act("x1", "promote", "ann", now()))

    newsroom.use_store(record)
    newsroom.drop(make_seed("a"))
    assert "a1  1 attempt: it was slow" in newsroom.run("images", "parked").stdout
    assert newsroom.run("list").stdout.endswith("\n1 article, 0 published\n")
    assert "names no article, story or rejected record" in newsroom.run("log").stdout
