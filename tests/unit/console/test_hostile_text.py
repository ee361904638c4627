"""No control character from outside reaches standard output, and JSON stays JSON."""

import json
import unicodedata

import pytest

from shared.store import Act
from tests.unit.console.newsroom import NOW, Newsroom, make_seed

NASTY = (
    "\x1b]0;owned\x07\x1b[5mBLINK\x9b2J\u202egpj.exe\u200b\ufeff\u2028\u2029\x85\x7f [bold]:smile:"
)
HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
FIELDS = (
    f"excerpt: {json.dumps(NASTY)}",
    f"{json.dumps(NASTY)}: {json.dumps(NASTY)}",
    f"topics: [{json.dumps(NASTY)}]",
    f"provider: {{name: {json.dumps(NASTY)}}}",
)


@pytest.fixture
def nasty_newsroom(newsroom: Newsroom) -> Newsroom:
    headers = (("path", f"{NASTY}.md".encode()), (NASTY, NASTY.encode()))
    newsroom.drop(
        make_seed("a", FIELDS, title=f"{NASTY}\nsecond line"),
        make_seed("b", ["quality: x", *FIELDS], title=NASTY),
        f"---\ntitle: {NASTY}\n---\n".encode(),
        NASTY.encode(),
        headers=headers,
    )
    act = Act("f1", "dismiss", NASTY, NOW, NASTY, ("c/seeds/0/2", NASTY), {NASTY: NASTY}, NASTY)
    newsroom.use_store(lambda store: store.history.record_act(act))
    return newsroom


def find_hidden(text: str) -> set[str]:
    """Characters in *text*, other than line feeds, that a terminal does not show."""
    hidden = {each for each in text if unicodedata.category(each) in HIDDEN}
    return hidden - {"\n"}


@pytest.mark.parametrize(
    "command",
    [
        ("list",),
        ("show", "https://paper.example/a"),
        ("why", "https://paper.example/a"),
        ("story", "list", "--all"),
        ("rejected", "list"),
        ("rejected", "list", "--by-cause"),
        ("rejected", "show", "c/seeds/0/2"),
        ("rejected", "show", "c/seeds/0/3"),
        ("rejected", "show", "c/seeds/0/4"),
        ("log",),
        ("log", "c/seeds/0/2"),
    ],
)
def test_tables_and_sentences_show_control_characters_as_escapes(
    nasty_newsroom: Newsroom, command: tuple[str, ...]
):
    output = nasty_newsroom.run(*command)
    assert output.exit_code == 0, output.stderr
    assert find_hidden(output.stdout) == set()
    as_json = nasty_newsroom.run(*command, "--json").stdout
    assert find_hidden(as_json) == set()
    lines = as_json.splitlines()
    assert len(lines) == as_json.count("\n")
    assert all(isinstance(json.loads(line), dict) for line in lines)


def test_what_was_hidden_is_shown_as_text(nasty_newsroom: Newsroom):
    shown = nasty_newsroom.run("show", "https://paper.example/a").stdout.split("\n")[0]
    assert shown == (
        "\\x1b]0;owned\\x07\\x1b[5mBLINK\\x9b2J\\u202egpj.exe\\u200b\\ufeff"
        "\\u2028\\u2029\\x85\\x7f [bold]:smile:\\nsecond line"
    )


def test_json_is_exact(nasty_newsroom: Newsroom):
    (article,) = nasty_newsroom.read_json("list")
    assert (article["title"], article["extra"][NASTY]) == (f"{NASTY}\nsecond line", NASTY)
    records = nasty_newsroom.read_json("rejected", "list")
    assert records[0]["path"] == f"{NASTY}.md"
    assert records[2]["value"] == NASTY


@pytest.mark.parametrize(
    "command",
    [
        ("show", NASTY),
        ("why", NASTY),
        ("rejected", "show", NASTY),
        ("drop", NASTY),
        ("list", NASTY),
        ("list", f"--{NASTY}"),
        (NASTY,),
        ("images", "gc", "--grace-hours", NASTY),
        ("story", "show", NASTY),
        ("export", f"/proc/{NASTY}"),
        ("replay", "--shadow", "--rules", NASTY),
        ("tail", "--topic", NASTY),
        ("up", "--only", NASTY),
    ],
)
def test_errors_quote_arguments_visibly(newsroom: Newsroom, command: tuple[str, ...]):
    output = newsroom.run(*command)
    assert output.exit_code != 0
    assert find_hidden(output.stdout + output.stderr) == set()
    assert output.stderr


def test_a_path_that_is_not_utf_8_is_printed(newsroom: Newsroom):
    output = newsroom.run("drop", "gone-\udcff.md")
    assert output.stderr == "seedwire: gone-\\udcff.md does not exist\n"
