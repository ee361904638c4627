"""Which article a drop belongs to."""

import asyncio

import pytest

from tests.unit.ingest.ingest_trial import (
    IngestTrial,
    count_articles,
    list_statuses,
    write_seed,
)


class TestCase:
    async def test_paths_that_differ_in_case_are_two_articles(self, ingest: IngestTrial):
        seeds = [
            write_seed("Ferry runs again", webUrl="p.paper.example/4nKqA"),
            write_seed("Museum loses its founder", webUrl="p.paper.example/4nKqa"),
            write_seed("A tax on salt", webUrl="p.paper.example/4nkqa"),
        ]
        receipts = await ingest.drop(*seeds)
        assert list_statuses(receipts) == ["accepted"] * 3
        assert count_articles(receipts) == 3
        articles = await ingest.load_articles()
        titles = [articles[receipt["articleId"]].article.title for receipt in receipts]
        assert titles == ["Ferry runs again", "Museum loses its founder", "A tax on salt"]

    async def test_paths_that_differ_in_case_are_one_article_if_the_texts_agree(
        self, ingest: IngestTrial
    ):
        receipts = await ingest.drop(
            write_seed(webUrl="paper.example/News/Rain"),
            write_seed(webUrl="paper.example/news/rain"),
            write_seed("Rain ends", webUrl="paper.example/news/rain"),
            write_seed("Rain ends", webUrl="paper.example/NEWS/rain"),
        )
        assert list_statuses(receipts) == ["accepted", "unchanged", "updated", "unchanged"]
        assert count_articles(receipts) == 1

    async def test_an_equal_title_over_another_text_is_no_agreement(self, ingest: IngestTrial):
        receipts = await ingest.drop(
            write_seed("Morning", body="Snow in Tarn.", webUrl="p.paper.example/aB"),
            write_seed("Morning", body="Sun in Kelm.", webUrl="p.paper.example/Ab"),
        )
        assert count_articles(receipts) == 2

    async def test_hosts_have_no_case(self, ingest: IngestTrial):
        receipts = await ingest.drop(
            write_seed(webUrl="Paper.Example/a"), write_seed("Snow", webUrl="paper.example/a")
        )
        assert list_statuses(receipts) == ["accepted", "updated"]

    async def test_concurrent_drops_of_twins_are_one_article(self, ingest: IngestTrial):
        spellings = ["News/Rain", "news/rain", "NEWS/rain", "news/Rain"]
        records = [
            ingest.make_record(write_seed(webUrl=f"paper.example/{path}"), partition)
            for partition, path in enumerate(spellings)
        ]
        answers = await asyncio.gather(*[ingest.handle(record) for record in records])
        receipts = [receipt for answer in answers for receipt in answer]
        assert count_articles(receipts) == 1
        assert sorted(list_statuses(receipts)) == ["accepted", *["unchanged"] * 3]
        (article,) = (await ingest.load_articles()).values()
        owners = await ingest.store.articles.resolve_aliases(article.aliases)
        assert owners == dict.fromkeys(article.aliases, article.id)


class TestFragments:
    async def test_fragments_with_other_texts_are_articles_of_their_own(self, ingest: IngestTrial):
        receipts = await ingest.drop(
            write_seed("Storm: the night", webUrl="paper.example/live#night"),
            write_seed("Storm: the morning", webUrl="paper.example/live#morning"),
            write_seed("Route", webUrl="paper.example/#!/a"),
            write_seed("Route", webUrl="paper.example/#!/b"),
        )
        assert list_statuses(receipts) == ["accepted"] * 4

    async def test_fragments_with_one_text_are_one_article(self, ingest: IngestTrial):
        receipts = await ingest.drop(
            write_seed(webUrl="paper.example/rain"),
            write_seed(webUrl="paper.example/rain#section-2"),
            write_seed("Snow", webUrl="paper.example/rain#comments"),
        )
        assert list_statuses(receipts) == ["accepted", "unchanged", "updated"]


class TestAmp:
    async def test_amp_at_the_end_is_a_page_of_its_own_where_the_rest_is_unknown(
        self, ingest: IngestTrial
    ):
        receipts = await ingest.drop(
            write_seed("The louder amp", webUrl="paper.example/guitars/amp"),
            write_seed("Guitars", webUrl="paper.example/guitars"),
        )
        assert list_statuses(receipts) == ["accepted", "accepted"]

    @pytest.mark.parametrize("suffix", ["/amp", "/AMP/", ".amp"])
    async def test_amp_at_the_end_is_left_out_where_the_rest_is_known(
        self, ingest: IngestTrial, suffix: str
    ):
        receipts = await ingest.drop(
            write_seed(webUrl="paper.example/rain"),
            write_seed("Rain ends", webUrl=f"paper.example/rain{suffix}"),
        )
        assert list_statuses(receipts) == ["accepted", "updated"]

    async def test_the_rest_may_have_become_known_in_the_same_batch(self, ingest: IngestTrial):
        receipts = await ingest.drop_together(
            write_seed(webUrl="paper.example/rain"),
            write_seed("Rain ends", webUrl="paper.example/rain/amp"),
        )
        assert list_statuses(receipts) == ["accepted", "updated"]

    async def test_a_declared_amp_page_is_its_article(self, ingest: IngestTrial):
        receipts = await ingest.drop(
            write_seed(webUrl="paper.example/rain", ampWebUrl="paper.example/rain/amp"),
            write_seed("Rain ends", webUrl="paper.example/rain/amp"),
        )
        assert list_statuses(receipts) == ["accepted", "updated"]

    async def test_a_drop_of_an_amp_page_is_answered_alike_when_the_rest_is_known_by_now(
        self, ingest: IngestTrial
    ):
        amp = ingest.make_record(write_seed("Amp", webUrl="paper.example/guitars/amp"))
        first = await ingest.handle(amp)
        await ingest.drop(write_seed("Guitars", webUrl="paper.example/guitars"))
        assert await ingest.handle(amp) == first


class TestUrlsOfTwoArticles:
    async def test_a_drop_belongs_to_the_owner_of_its_web_url(self, ingest: IngestTrial):
        agency, paper, corrected = await ingest.drop(
            write_seed("Agency: dam inspected", webUrl="agency.example/1"),
            write_seed("Paper: what the dam means", webUrl="paper.example/dam"),
            write_seed(
                "Paper: what the dam means (corrected)",
                webUrl="paper.example/dam",
                originalUrl="agency.example/1",
            ),
        )
        assert (corrected["status"], corrected["articleId"]) == ("updated", paper["articleId"])
        articles = await ingest.load_articles()
        assert articles[agency["articleId"]].article.title == "Agency: dam inspected"
        assert articles[agency["articleId"]].version == 1
        (warning,) = corrected["warnings"]
        assert warning["field"] == "originalUrl"
        assert agency["articleId"] in warning["message"]
        assert agency["warnings"] == paper["warnings"] == []

    async def test_without_an_owner_of_its_web_url_it_belongs_to_that_of_its_original_url(
        self, ingest: IngestTrial
    ):
        first, second, both = await ingest.drop(
            write_seed("A", webUrl="a.example/1"),
            write_seed("B", webUrl="b.example/2"),
            write_seed(
                "C",
                webUrl="c.example/3",
                originalUrl="b.example/2",
                ampWebUrl="a.example/1",
            ),
        )
        assert (both["status"], both["articleId"]) == ("updated", second["articleId"])
        assert [warning["field"] for warning in both["warnings"]] == ["ampWebUrl"]
        assert first["articleId"] in both["warnings"][0]["message"]

    async def test_the_warning_is_repeated_when_the_drop_is_delivered_again(
        self, ingest: IngestTrial
    ):
        await ingest.drop(
            write_seed("A", webUrl="a.example/1"), write_seed("B", webUrl="b.example/2")
        )
        seed = write_seed("B", webUrl="b.example/2", originalUrl="a.example/1")
        record = ingest.make_record(seed)
        assert await ingest.handle(record) == await ingest.handle(record)


@pytest.mark.parametrize(
    "query",
    [
        "partner=rss&emc=rss",
        "at_medium=RSS&at_campaign=KARANGA",
        "CMP=rss_p",
        "xtor=RSS-3208",
        "ref=newsletter",
        "cmpid=BBD",
        "guccounter=1",
        "utm_source=x&amp;utm_medium=y",
    ],
)
async def test_trackers_make_no_other_article(ingest: IngestTrial, query: str):
    receipts = await ingest.drop(
        write_seed(webUrl="paper.example/school"),
        write_seed(webUrl=f"paper.example/school?{query}"),
    )
    assert list_statuses(receipts) == ["accepted", "unchanged"]


@pytest.mark.parametrize("name", ["id", "p", "article", "story", "v", "page", "ref", "source"])
async def test_parameters_that_name_a_page_do(ingest: IngestTrial, name: str):
    receipts = await ingest.drop(
        write_seed("A", webUrl=f"paper.example/x?{name}=1"),
        write_seed("B", webUrl=f"paper.example/x?{name}=2"),
    )
    assert list_statuses(receipts) == ["accepted", "accepted"]
