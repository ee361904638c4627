"""What ingest accepts can be published: every event fits into Kafka, whatever an article holds."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from services.publishing.announcing.revisions import plan_decision_write
from services.publishing.deciding.rules import Rules
from shared.article import Article, SeedError, parse_seed, render_seed
from shared.budgets import MAX_ARTICLE_BYTES, MAX_EVENT_BYTES, MAX_SEED_BYTES
from shared.events.published_events import build_published_events
from shared.store import Content, Decision, Picture, StoredArticle, WebPage
from shared.views.article_export import build_export
from shared.views.article_snapshot import ArticleSnapshot, Relative
from shared.views.publishable import check_publishable
from tests.published_size import measure_article

NOW = datetime(2026, 3, 2, tzinfo=UTC)
RULES = Rules()

# Title, body, topics … of the characters that grow most as JSON.
GROWING = {"quotes": '"', "NULs": "\0", "backslashes": "\\", "emoji": "😀"}


def make_article(number: int = 0, quality: int = 90, **fields: Any) -> Article:
    url = f"https://paper.example/{number}"
    given = {"title": f"Title {number}", "published_date_time": NOW, "web_url": url}
    return Article.model_validate(given | {"quality": quality} | fields)


def store_article(article: Article, number: int = 0) -> StoredArticle:
    url = f"paper.example/{number}"
    return StoredArticle(f"a{number:020}", render_seed(article), 1, (url,), NOW, NOW)


def fill(make: Any, character: str = "x") -> Article:
    """The largest article of *make* (from a text) that may be published, nearly."""
    low, high = 1, MAX_SEED_BYTES
    while high - low > 32:
        middle = (low + high) // 2
        if is_publishable(make(character * middle)):
            low = middle
        else:
            high = middle
    return make(character * low)


def is_publishable(article: Article) -> bool:
    try:
        check_publishable(article)
    except SeedError:
        return False
    return True


def publish(snapshot: ArticleSnapshot, rules: Rules = RULES) -> list[int]:
    """The sizes of the events that its first revision is announced by."""
    write = plan_decision_write(snapshot, rules, NOW)
    assert write
    assert write.revision
    return [event.size for event in build_published_events(write.revision)]


def relate(article: Article, relatives: list[Article]) -> ArticleSnapshot:
    linked = [
        Relative(store_article(relative, number), 0.123456789, pinned=True)
        for number, relative in enumerate(relatives, 1)
    ]
    return ArticleSnapshot(store_article(article), tuple(linked))


@pytest.mark.parametrize("character", GROWING.values(), ids=GROWING.keys())
def test_the_largest_article_fits_with_ten_relatives_that_are_as_large(character: str):
    article = fill(lambda text: make_article(body=text), character)
    relatives = [
        fill(lambda text, n=number: make_article(n, 50, title=text, excerpt=text), character)
        for number in (1, 2)
    ]
    sizes = publish(relate(article, relatives * 5))
    assert max(sizes) <= MAX_EVENT_BYTES
    assert min(sizes) > 0.8 * MAX_EVENT_BYTES  # the limit is no smaller than it must be


# Every field that says something, so that as much as possible is added to it.
LARGE_URL = "https://paper.example/" + "\u00fc" * 8_000
HUNDRED_PARTS = {f"part{number}": [{"a": [1, 2]}] * 10 for number in range(100)}


def make_filled_article(field: str, text: str) -> Article:
    """An article with long URLs, and *text* among what *field* holds."""
    image: dict[str, Any] = {"url": LARGE_URL, "width": 2**31 - 1, "height": 2**31 - 1}
    given: dict[str, Any] = {
        "original_url": LARGE_URL,
        "web_url": LARGE_URL,
        "amp_web_url": LARGE_URL,
        "cdn_amp_web_url": LARGE_URL,
        "images": [image],
        "provider": {"name": "Paper", "images": [image]},
        "topics": [],
        **HUNDRED_PARTS,
    }
    match field:
        case "extra":
            given |= {"extra": text, "revision": text[:9]}
        case "image":
            image |= {"note": text, "sha256": "x" * 64, "title": "t"}
        case "provider":
            given["provider"] |= {"note": text}
        case "topics":
            starts = range(0, len(text), 900)
            given["topics"] = [text[start : start + 900] + "t" for start in starts]
        case "featuredContent":
            given["featured_content"] = {"html": text}
    return make_article(**given)


@pytest.mark.parametrize(
    ("field", "character"),
    [
        ("extra", "\0"),
        ("image", "😀"),
        ("provider", '"'),
        ("topics", "\\"),
        ("featuredContent", "\0"),
    ],
    ids=["extra", "image", "provider", "topics", "featuredContent"],
)
def test_the_largest_article_of_unknown_fields_fits_with_ten_relatives(field: str, character: str):
    article = fill(partial(make_filled_article, field), character)
    relatives = [
        make_article(number, 50, excerpt=character * 900, title=f"x{character}" * 400)
        for number in range(1, 11)
    ]
    picture = Picture(LARGE_URL, "cached", NOW, "", "f" * 64, "image/svg+xml", 10**6, 10**6)
    content = Content("f" * 64, "image/jpeg", 1, 1, 1, 1, "#ffffff", "L" * 90, (), NOW)
    snapshot = replace(
        relate(article, relatives),
        pictures={LARGE_URL: picture},
        contents={content.sha256: content},
        in_story="s" * 40,
    )
    sizes = publish(snapshot)
    assert max(sizes) <= MAX_EVENT_BYTES
    assert min(sizes) > 0.75 * MAX_EVENT_BYTES


def test_a_relative_whose_url_leaves_no_room_is_not_listed_and_still_counts():
    relatives = [make_article(1, 50, web_url=LARGE_URL), make_article(2, 50)]
    write = plan_decision_write(relate(make_article(), relatives), RULES, NOW)
    assert write
    assert write.revision
    data = json.loads(write.revision.data)
    assert [entry["title"] for entry in data["related"]] == ["Title 2"]
    assert data["heat"] == 110


def test_what_a_relative_loses_leaves_its_url_and_its_list_of_images():
    image = {"url": "https://img.example/1", "note": "x" * 500_000}
    heavy = make_article(1, 50, images=[image], provider={"name": "y" * 100_000})
    write = plan_decision_write(relate(make_article(), [heavy]), RULES, NOW)
    assert write
    assert write.revision
    (entry,) = json.loads(write.revision.data)["related"]
    assert (entry["url"], entry["images"]) == ("https://paper.example/1", [])
    assert "provider" not in entry


def test_relatives_with_large_parts_lose_these_and_keep_title_and_score():
    image = {"url": "https://img.example/1", "note": "x" * 500_000}
    provider = {"name": "y" * 100_000, "images": [image]}
    url = "https://paper.example/" + "u" * 8_000
    heavy = make_article(1, 50, images=[image] * 2, provider=provider, amp_web_url=url)
    snapshot = relate(make_article(), [heavy] * 10)
    assert max(publish(snapshot)) < 150_000
    (entry, *_) = build_export(snapshot).related
    assert entry.title == "Title 1"
    assert (entry.web_url, entry.provider) == ("https://paper.example/1", None)


def test_a_hundred_relatives_share_the_room_of_ten():
    long_url = "https://paper.example/" + "u" * 2_000
    relative = make_article(1, 50, title="\0" * 500, excerpt="\0" * 900, web_url=long_url)
    article = fill(lambda text: make_article(body=text))
    snapshot = relate(article, [relative] * 100)
    assert max(publish(snapshot, replace(RULES, max_related=100))) <= MAX_EVENT_BYTES


def test_excerpts_of_relatives_are_cut_between_characters_with_an_ellipsis():
    relative = make_article(1, 50, excerpt="e\u0301" * 400)
    (entry,) = build_export(relate(make_article(), [relative])).related
    assert entry.excerpt == "e\u0301" * 299 + "…"


def test_the_largest_article_fits_when_all_its_images_are_measured():
    images = [
        {"url": f"https://i.example/{number}", "width": 2**31 - 1, "height": 2**31 - 1}
        for number in range(1_500)
    ]
    provider = {"images": images[:100]}
    article = fill(lambda text: make_article(body=text, images=images, provider=provider))
    pictures = {}
    for image in images:
        url = str(image["url"])
        pictures[url] = Picture(url, "cached", NOW, "", "f" * 64, "image/svg+xml", 10**6, 10**6)
    content = Content("f" * 64, "image/jpeg", 1, 1, 1, 1, "#ffffff", "L" * 90, (), NOW)
    snapshot = ArticleSnapshot(
        store_article(article), pictures=pictures, contents={content.sha256: content}
    )
    assert max(publish(snapshot)) <= MAX_EVENT_BYTES
    assert len(snapshot.images.pictures) == 1_500


def test_the_largest_article_fits_with_all_that_its_page_names():
    article = fill(lambda text: make_article(body=text))
    found = "https://i.example/" + "p" * 8_000
    amp = "https://amp.example/" + "a" * 8_000
    page = WebPage(article.web_url or "", "read", NOW, "", (found,), amp)
    assert max(publish(ArticleSnapshot(store_article(article), pages={page.url: page}))) <= (
        MAX_EVENT_BYTES
    )


def test_a_retraction_quotes_titles_in_brief():
    """An article whose title fills it, outranked by another such."""
    big = fill(lambda text: make_article(1, 50, title=text), "\0")
    lead = fill(lambda text: make_article(2, 99, title=text), "\0")
    published = ArticleSnapshot(store_article(big))
    write = plan_decision_write(published, RULES, NOW)
    assert write
    decision = replace(write.decision, published=True)
    lead_decision = Decision("b", 1, 1, 1, True, 99, "b", "leads", {}, {}, NOW)
    relative = Relative(store_article(lead, 2), 0.9, lead_decision)
    sizes = publish(replace(published, decision=decision, relatives=(relative,)))
    assert max(sizes) <= MAX_EVENT_BYTES


class TestExport:
    """What is accepted can be exported, and the export dropped again."""

    @pytest.mark.parametrize(
        "make",
        [
            lambda text: make_article(body=text),
            lambda text: make_article(excerpt=text),
            lambda text: make_article(secured=text),
            lambda text: make_article(deep={"a": {"a": {"a": ["1"] * len(text)}}}),
            lambda text: make_article(
                images=[{"url": f"https://i.example/{n}"} for n in range(1_500)], body=text
            ),
        ],
        ids=["body", "excerpt", "secured", "nested", "images"],
    )
    @pytest.mark.parametrize("character", ["x", "\x85"], ids=["letters", "NELs"])
    def test_an_export_with_large_relatives_is_accepted_again(self, make: Any, character: str):
        article = fill(make, character)
        nested = {"a": {"a": {"a": [1] * 900}}}
        image = {"url": "https://i.example/1", "note": nested}
        relative = make_article(1, 50, excerpt="\x85" * 900, title="\x85 a" * 400, images=[image])
        snapshot = relate(article, [relative] * 10)
        pictures = {}
        for shown in article.images:
            pictures[shown.url] = Picture(shown.url, "cached", NOW, "", "f" * 64, "image/svg+xml")
        content = Content("f" * 64, "image/jpeg", 1, 1, 1, 1, "#ffffff", "L" * 90, (), NOW)
        snapshot = replace(snapshot, pictures=pictures, contents={content.sha256: content})
        exported = render_seed(build_export(snapshot))
        assert len(exported) <= MAX_SEED_BYTES
        again = parse_seed(exported)
        check_publishable(again)
        assert measure_article(again) <= measure_article(article)


class TestCheck:
    def test_a_refusal_names_the_limit_and_the_size(self):
        article = make_article(body='"' * 500_000)
        with pytest.raises(SeedError) as caught:
            check_publishable(article)
        (error,) = caught.value.errors
        assert error.field == "file"
        assert error.message == (
            "Expected a seed whose article can be published: at most 840,000 bytes as JSON, "
            f"found {measure_article(article):,}."
        )

    def test_the_limit_is_exact(self):
        room = MAX_ARTICLE_BYTES - measure_article(make_article(body="x")) + 1
        check_publishable(make_article(body="x" * room))
        assert measure_article(make_article(body="x" * room)) == MAX_ARTICLE_BYTES
        assert not is_publishable(make_article(body="x" * (room + 1)))

    def test_the_hints_of_related_do_not_count(self):
        hints = [{"title": "x" * 300_000}] * 3
        check_publishable(make_article(body="x" * 800_000, related=hints))

    @pytest.mark.parametrize(("numbers", "what"), [(200_000, "stored"), (20_000, "exported")])
    def test_lists_inside_each_other_may_not_outgrow_a_document_or_a_seed_file(
        self, numbers: int, what: str
    ):
        nested: Any = [1] * numbers
        for _ in range(30):
            nested = {"a": nested}
        article = make_article(deep=nested)
        assert measure_article(article) < MAX_ARTICLE_BYTES
        with pytest.raises(SeedError, match=rf"can be {what}.* at most .*, found 1"):
            check_publishable(article)

    def test_numbers_beyond_64_bits_are_measured_too(self):
        raw = (
            b"---\ntitle: T\npublishedDateTime: 2026-03-02T10:00:00Z\nwebUrl: https://a.example/1\n"
        )
        check_publishable(parse_seed(raw + b"big: " + b"9" * 200 + b"\n---\n"))
