"""What a server must be like: too old a version, or an index of another definition, is told."""

import pytest
from pymongo import MongoClient

from shared.errors import SettingsError, StoreUnavailable
from shared.store import connect
from tests.integration.store.mongo.mongo_proxy import Document, Fault, MongoProxy, refuse
from tests.opened_store import opened

pytestmark = pytest.mark.real


def build_info(version: str, **fields: object) -> Document:
    numbers = [int(number) for number in version.split(".")]
    return {"ok": 1.0, "version": version, "versionArray": numbers, **fields}


class TestTheVersion:
    @pytest.mark.parametrize("version", ["4.4.29", "5.0.31"])
    async def test_an_old_mongodb_is_refused_in_a_sentence(
        self, version: str, proxy: MongoProxy, proxy_url: str
    ):
        info = build_info(version, buildEnvironment={"distmod": "debian11"})
        proxy.arm(Fault("buildInfo", 1, executed=0, answer=info))
        with pytest.raises(SettingsError, match=rf"is MongoDB {version}, .* needs MongoDB 6\.0"):
            await connect(proxy_url).open()

    @pytest.mark.parametrize(
        "answer",
        [
            build_info("6.0.0", buildEnvironment={}),
            build_info("10.1.2", buildEnvironment={}),
            build_info("4.2.0"),  # no MongoDB: it names what a driver asks for
            refuse(59, "CommandNotFound"),
        ],
        ids=["6.0", "10.1", "another server", "no such command"],
    )
    async def test_others_are_not(self, answer: Document, proxy: MongoProxy, proxy_url: str):
        proxy.arm(Fault("buildInfo", 1, executed=0, answer=answer))
        async with opened(proxy_url) as store:
            assert await store.articles.list_page() == []


class TestIndexes:
    @pytest.mark.parametrize("code", [85, 86])
    async def test_one_of_another_definition_is_told_with_what_to_do(
        self, code: int, proxy: MongoProxy, proxy_url: str
    ):
        refusal = refuse(code, "IndexKeySpecsConflict")
        proxy.arm(Fault("createIndexes", "parked", executed=0, answer=refusal))
        message = (
            r"the index 'due_lease' of the collection 'parked' .* defined otherwise .*"
            r"{due: 1, _id: 1, leasedUntil: 1}: drop it with db\.parked\.dropIndex\('due_lease'\)"
        )
        with pytest.raises(SettingsError, match=message):
            await connect(proxy_url).open()

    async def test_one_whose_build_takes_long_makes_the_store_unavailable(
        self, proxy: MongoProxy, proxy_url: str
    ):
        """The build goes on. The next start waits for it, or finds it done."""
        proxy.arm(Fault("createIndexes", "signatures", silent=True))
        with pytest.raises(StoreUnavailable):
            await connect(f"{proxy_url}&socketTimeoutMS=500").open()
        async with opened(proxy_url):
            pass

    async def test_a_store_of_before_gets_the_new_ones(self, store_url: str):
        with MongoClient[Document](store_url) as client:
            database = client.get_default_database()
            database["parked"].create_index([("due", 1)], name="due")
            database["rejected"].create_index([("redrivenAt", 1)], name="redriven")
        async with opened(store_url) as store:
            assert await store.parked.count() == 0
