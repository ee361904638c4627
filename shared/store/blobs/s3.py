"""Bytes of pictures in an S3-compatible bucket. The one module that knows the client's library.

Credentials come from where the library looks for them: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, or the machine's
role. An object appears whole or not at all; S3 has no name for "unless it was put again", so a deletion looks first,
and `Pictures.save` looks afterwards.
"""

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from shared.errors import SettingsError, StoreAway
from shared.store.ports.picture_bytes import KeptBytes

try:
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import S3Store
except ImportError:  # the extra `s3` is not installed
    obstore = None  # type: ignore[assignment]

RENEWED: Final = timedelta(
    minutes=10
)  # what was put so lately need not be put again to count as new: grace is longer
_RETRIES: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}
_WAITS: Any = {"timeout": "30s", "connect_timeout": "5s"}


class BucketBytes:
    """The bucket and prefix of `s3://BUCKET/PREFIX?endpoint=…&region=…`; without endpoint Amazon's own."""

    def __init__(self, url: str) -> None:
        if obstore is None:
            raise SettingsError(
                "SEEDWIRE_PICTURES names a bucket, which needs the extra: pip install 'seedwire[s3]'"
            )
        parts = urlsplit(url)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if unknown := options.keys() - {"endpoint", "region"}:
            raise SettingsError(
                f"SEEDWIRE_PICTURES: expected endpoint and region alone, not {', '.join(unknown)}"
            )
        if not parts.hostname or parts.username:
            raise SettingsError(
                "SEEDWIRE_PICTURES: expected s3://BUCKET/PREFIX, and credentials in AWS_… variables"
            )
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        self._options = options
        self._store: Any = None

    @property
    def address(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}"

    async def open(self) -> None:
        """Ask once, so that a wrong name or password ends the start and not the first picture."""
        given: dict[str, Any] = {"region": self._options.get("region", "us-east-1")}
        if endpoint := self._options.get("endpoint"):
            given |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
        client: Any = {
            **_WAITS,
            "allow_http": endpoint is not None and endpoint.startswith("http://"),
        }
        try:
            self._store = S3Store(
                self._bucket,
                prefix=self._prefix or None,
                client_options=client,
                retry_config=_RETRIES,
                **given,
            )
        except (BaseError, ValueError) as error:
            raise SettingsError(f"SEEDWIRE_PICTURES: {error}") from error
        await self.page(limit=1)

    async def close(self) -> None:
        self._store = None

    async def put(self, name: str, content: bytes) -> None:
        there = await self._head(name)
        if (
            there
            and there["size"] == len(content)
            and datetime.now(UTC) - there["last_modified"] < RENEWED
        ):
            return
        try:
            await self._store.put_async(name, content, use_multipart=False)
        except BaseError as error:
            raise self._away(error) from error

    async def get(self, name: str) -> bytes | None:
        try:
            return bytes(await (await self._store.get_async(name)).bytes_async())
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise self._away(error) from error

    async def size(self, name: str) -> int | None:
        there = await self._head(name)
        return int(there["size"]) if there else None

    async def delete(self, name: str, kept_before: datetime) -> bool:
        there = await self._head(name)
        if there is None or there["last_modified"] >= kept_before:
            return False
        try:
            await self._store.delete_async(name)
        except BaseError as error:
            raise self._away(error) from error
        return True

    async def page(self, after: str = "", limit: int = 500) -> list[KeptBytes]:
        found: list[KeptBytes] = []
        try:
            stream = self._store.list(offset=after or None, chunk_size=limit)
            async for chunk in stream:
                found += [
                    KeptBytes(one["path"], one["size"], one["last_modified"]) for one in chunk
                ]
                if len(found) >= limit:
                    break
        except (BaseError, FileNotFoundError) as error:
            raise self._away(error) from error
        return list(islice(sorted(found, key=lambda kept: kept.name), limit))

    async def leftovers(self, before: datetime, remove: bool) -> int:
        """None: an object is put in one request."""
        return 0

    async def _head(self, name: str) -> Any:
        try:
            return await self._store.head_async(name)
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise self._away(error) from error

    def _away(self, error: Exception) -> StoreAway:
        return StoreAway(f"the bucket {self.address} does not answer: {str(error)[:300]}")
