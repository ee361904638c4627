"""`seedwire rejected`: what it shows of a case, and that `secured` is not part of it."""

import io
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from shared.store import Cause, RedriveOrigin, RejectedRecord, Store, StoryMove
from tests.unit.console.newsroom import NOW, Newsroom, make_seed

BROKEN = make_seed("a", ['secured: "CANARY"', "quality: x"])
ID = "c/seeds/0/1"


@pytest.fixture
def newsroom_with_case(newsroom: Newsroom) -> Newsroom:
    newsroom.drop(BROKEN, headers=(("path", b"a.md"), ("secured", b"CANARY")))
    return newsroom


def reject_again(newsroom: Newsroom, by: str, offset: int) -> None:
    """Redrive the case, and have it rejected as ingest does it."""

    async def redrive(store: Store) -> None:
        attempt = await store.rejected.add_redrive(ID, by, NOW)
        assert attempt is not None
        record = RejectedRecord(
            id=f"c/seeds/0/{offset}",
            service="ingest",
            topic="seeds",
            partition=0,
            offset=offset,
            key=None,
            value=BROKEN,
            headers=(),
            causes=(Cause("quality", 7, "Expected a whole number."),),
            rejected_at=NOW + timedelta(minutes=1),
            origin=RedriveOrigin(ID, attempt.number),
        )
        await store.rejected.save([record])

    newsroom.use_store(redrive)


class TestSecured:
    def test_a_placeholder_with_its_length_is_shown_instead(self, newsroom_with_case: Newsroom):
        shown = newsroom_with_case.run("rejected", "show", ID)
        assert "   5  secured: <secured, 6 bytes>" in shown.stdout
        assert "CANARY" not in shown.stdout

    def test_json_has_the_placeholder_too(self, newsroom_with_case: Newsroom):
        for command in (("rejected", "list"), ("rejected", "show", ID)):
            (record,) = newsroom_with_case.read_json(*command)
            assert "secured: <secured, 6 bytes>\n" in record["value"]
            assert record["headers"]["secured"] == "<secured, 6 bytes>"
            assert record["size"] == len(BROKEN)

    def test_the_exact_bytes_take_a_flag(self, newsroom_with_case: Newsroom):
        refused = newsroom_with_case.run("rejected", "show", ID, "--content")
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert "--with-secured" in refused.stderr
        written = newsroom_with_case.run("rejected", "show", ID, "--content", "--with-secured")
        assert written.stdout == BROKEN.decode()

    def test_bytes_without_it_take_no_flag(self, newsroom: Newsroom):
        newsroom.drop(b"nothing\r\n")
        assert newsroom.run("rejected", "show", ID, "--content").stdout == "nothing\r\n"

    def test_no_bytes_go_to_a_terminal(
        self, newsroom_with_case: Newsroom, monkeypatch: pytest.MonkeyPatch
    ):
        terminal = io.StringIO()
        monkeypatch.setattr(terminal, "isatty", lambda: True)
        monkeypatch.setattr(sys, "stdout", terminal)
        output = newsroom_with_case.run("rejected", "show", ID, "--content", "--with-secured")
        assert output.exit_code == 2
        assert terminal.getvalue() == ""


class TestMending:
    def test_the_commands_are_shown_until_it_is_done(self, newsroom: Newsroom):
        newsroom.drop(b"nothing\n")
        commands = (
            f"to mend it: `seedwire rejected show {ID} --content > corrected.md`, correct the "
            f"file, then `seedwire rejected redrive {ID} --with corrected.md`\n"
        )
        assert commands in newsroom.run("rejected", "show", ID).stdout
        newsroom.run("rejected", "dismiss", ID, "--reason", "a test")
        assert "to mend it" not in newsroom.run("rejected", "show", ID).stdout

    def test_they_take_a_flag_where_secured_is_in_the_bytes(self, newsroom_with_case: Newsroom):
        shown = newsroom_with_case.run("rejected", "show", ID).stdout
        assert f"`seedwire rejected show {ID} --content --with-secured > corrected.md`" in shown

    def test_warnings_of_the_corrected_seed_are_printed(
        self, newsroom_with_case: Newsroom, tmp_path: Path
    ):
        corrected = tmp_path / "corrected.md"
        corrected.write_bytes(make_seed("a", ["mood: .nan"]))
        command = ("rejected", "redrive", ID, "--with", str(corrected), "--dry-run")
        printed = newsroom_with_case.run(*command)
        assert printed.exit_code == 0
        assert "           warning: mood (line 5): " in printed.stdout
        (redrive,) = newsroom_with_case.read_json(*command)
        assert redrive["warnings"][0]["field"] == "mood"

    def test_they_include_dates_that_cannot_be_and_urls_of_other_articles(
        self, newsroom_with_case: Newsroom, tmp_path: Path
    ):
        newsroom_with_case.drop(make_seed("a"), make_seed("other", title="Another"))
        corrected = tmp_path / "corrected.md"
        seed = make_seed("a", ['originalUrl: "https://paper.example/other"'])
        corrected.write_bytes(seed.replace(b"2026-03-02T", b"2126-03-02T"))
        command = ("rejected", "redrive", ID, "--with", str(corrected), "--dry-run")
        (redrive,) = newsroom_with_case.read_json(*command)
        warned = [warning["field"] for warning in redrive["warnings"]]
        assert warned == ["publishedDateTime", "originalUrl"]


class TestHistory:
    def test_a_redrive_that_is_rejected_again_is_one_more_attempt(
        self, newsroom_with_case: Newsroom
    ):
        reject_again(newsroom_with_case, "ann", 5)
        reject_again(newsroom_with_case, "bob", 9)
        (record,) = newsroom_with_case.read_json("rejected", "list")
        assert (record["id"], record["state"], record["attempts"]) == (ID, "open", 2)
        assert [attempt["sentBy"] for attempt in record["redrives"]] == ["ann", "bob"]
        assert [attempt["outcome"] for attempt in record["redrives"]] == ["rejected", "rejected"]
        shown = newsroom_with_case.run("rejected", "show", ID).stdout
        assert (
            "  attempt 2: bob sent the same bytes at 2026-03-02 12:00:00Z; "
            "rejected again at 2026-03-02 12:01:00Z\n"
            "           quality (line 7): Expected a whole number.\n"
        ) in shown

    def test_redrives_are_counted_in_words(self, newsroom_with_case: Newsroom):
        for offset, counted in ((5, "open; redriven 1 time\n"), (9, "open; redriven 2 times\n")):
            reject_again(newsroom_with_case, "ann", offset)
            assert counted in newsroom_with_case.run("rejected", "show", ID).stdout

    def test_an_attempt_without_an_answer_says_so(self, newsroom_with_case: Newsroom):
        newsroom_with_case.use_store(
            lambda store: store.rejected.add_redrive(ID, "ann", NOW, b"other")
        )
        shown = newsroom_with_case.run("rejected", "show", ID).stdout
        assert "ann sent other bytes at 2026-03-02 12:00:00Z; no answer yet" in shown
        assert "0 of them open" in newsroom_with_case.run("rejected", "list").stdout

    def test_what_came_of_it_is_shown(self, newsroom_with_case: Newsroom):
        async def answer(store: Store) -> None:
            await store.rejected.add_redrive(ID, "ann", NOW)
            await store.rejected.answer_redrive(ID, 1, "accepted", NOW)

        newsroom_with_case.use_store(answer)
        (record,) = newsroom_with_case.read_json("rejected", "show", ID)
        assert (record["state"], record["redrives"][0]["outcome"]) == ("resolved", "accepted")


class TestDismiss:
    def test_a_dismissed_record_is_listed_only_if_asked_for(self, newsroom_with_case: Newsroom):
        done = newsroom_with_case.run(
            "rejected", "dismiss", ID, "--reason", "a test", "--by", "ann"
        )
        assert (done.exit_code, done.stdout) == (0, f"{ID}  dismissed by ann: a test\n")
        assert newsroom_with_case.read_json("rejected", "list") == []
        listed = newsroom_with_case.run("rejected", "list").stdout
        assert listed == "0 rejected, 0 of them open; 1 dismissed (--all shows them)\n"
        (record,) = newsroom_with_case.read_json("rejected", "list", "--all")
        assert record["dismissal"]["by"] == "ann"
        assert record["dismissal"]["reason"] == "a test"
        assert ID in newsroom_with_case.run("rejected", "list", "--all").stdout

    def test_who_and_why_are_shown(self, newsroom_with_case: Newsroom):
        newsroom_with_case.run("rejected", "dismiss", ID, "--reason", "a test", "--by", "ann")
        shown = newsroom_with_case.run("rejected", "show", ID).stdout
        assert "  dismissed by ann at 20" in shown
        assert ": a test\n" in shown

    def test_it_takes_a_reason(self, newsroom_with_case: Newsroom):
        for arguments in ((), ("--reason", " ")):
            output = newsroom_with_case.run("rejected", "dismiss", ID, *arguments)
            assert output.exit_code == 2

    def test_an_unknown_record_is_an_error(self, newsroom_with_case: Newsroom):
        output = newsroom_with_case.run("rejected", "dismiss", "c/seeds/0/9", "--reason", "x")
        assert output.exit_code == 1
        assert "c/seeds/0/9" in output.stderr


def test_causes_are_counted_with_an_example(newsroom: Newsroom):
    newsroom.drop(BROKEN, BROKEN, b"nothing")
    lines = newsroom.run("rejected", "list", "--by-cause").stdout.splitlines()
    assert lines[1].split()[:2] == ["2", "quality"]
    assert lines[1].split()[-1] == ID


def test_every_fault_of_a_record_is_counted(newsroom: Newsroom):
    newsroom.drop(make_seed("a", ["quality: x", "category: [1]"]))
    lines = newsroom.run("rejected", "list", "--by-cause").stdout.splitlines()
    assert {line.split()[1] for line in lines[1:3]} == {"quality", "category"}


def test_causes_of_finished_records_are_not_counted(newsroom_with_case: Newsroom):
    newsroom_with_case.use_store(lambda store: store.rejected.dismiss(ID, "ann", "a test", NOW))
    assert "quality" not in newsroom_with_case.run("rejected", "list", "--by-cause").stdout
    every = newsroom_with_case.run("rejected", "list", "--by-cause", "--all").stdout
    assert "quality" in every


def test_identical_records_are_one_row(newsroom: Newsroom):
    newsroom.drop(BROKEN, BROKEN, b"nothing")
    lines = newsroom.run("rejected", "list").stdout.splitlines()
    rows = [line.split() for line in lines if line.startswith("c/seeds/")]
    assert [row[0] for row in rows] == [ID, "c/seeds/0/3"]
    assert "3 rejected, 3 of them open" in lines[-1]
    assert len(newsroom.read_json("rejected", "list")) == 3


def test_identical_bytes_are_no_other_bytes(newsroom_with_case: Newsroom):
    newsroom_with_case.use_store(lambda store: store.rejected.add_redrive(ID, "ann", NOW, BROKEN))
    assert "ann sent the same bytes" in newsroom_with_case.run("rejected", "show", ID).stdout


class TestWhy:
    @pytest.mark.parametrize("reference", ["https://paper.example/a?utm_source=x", "a.md"])
    def test_it_knows_the_rejected_seed_of_an_address_or_file(
        self, newsroom_with_case: Newsroom, reference: str
    ):
        newsroom_with_case.drop(make_seed("b"))
        other = "https://paper.example/b"
        for command in (("why", reference), ("show", reference), ("why", other, reference)):
            output = newsroom_with_case.run(*command)
            assert output.exit_code == 1
            assert "its seed was rejected. quality: Expected a whole number" in output.stderr
            assert f"`seedwire rejected show {ID}`" in output.stderr

    def test_an_address_that_nobody_named_is_unknown(self, newsroom_with_case: Newsroom):
        output = newsroom_with_case.run("why", "https://paper.example/b")
        assert "no article has the id or URL" in output.stderr


def test_a_story_of_one_article_says_so_and_where_to_look(newsroom: Newsroom):
    newsroom.drop(make_seed("a"))

    async def give_story(store: Store) -> str:
        (article,) = await store.articles.list_page()
        await store.stories.move([StoryMove(article.id, "", f"s{article.id}")])
        return article.id

    article_id = newsroom.use_store(give_story)
    for reference in (f"s{article_id}", article_id, "https://paper.example/a"):
        output = newsroom.run("story", "show", reference)
        assert output.exit_code == 1
        assert f"the story s{article_id} has one article so far" in output.stderr
        assert f"`seedwire why {article_id}`" in output.stderr


def test_an_article_that_is_not_linked_yet_says_so(newsroom: Newsroom):
    newsroom.drop(make_seed("a"))
    output = newsroom.run("story", "show", "https://paper.example/a")
    assert "is in no story yet" in output.stderr
