"""Bytes of pictures in an S3-compatible bucket. The one module that knows the client library.

The library finds the credentials itself: in `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or
from the machine's role. An object appears completely or not at all. S3 cannot delete "unless it was
put again", so a deletion looks first, and `Pictures.save` looks afterwards.
"""

from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from shared.errors import DependencyRejected, SettingsError
from shared.store.blobs.error_classes import build_error, classify_bucket_error
from shared.store.ports.picture.picture_bytes import StoredBytes

try:
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import S3Store
except ImportError:  # the extra `s3` is not installed
    obstore = None  # type: ignore[assignment]

# Bytes put this recently need not be put again to count as new; garbage collection waits longer.
RENEWAL_INTERVAL: Final = timedelta(minutes=10)
_RETRIES: Any = {"max_retries": 5, "retry_timeout": timedelta(seconds=20)}
_TIMEOUTS: Any = {"timeout": "30s", "connect_timeout": "5s"}


class BucketBytes:
    """The bucket and prefix of `s3://BUCKET/PREFIX?endpoint=…&region=…`.

    Amazon's endpoint if it names none.
    """

    def __init__(self, url: str) -> None:
        if obstore is None:
            raise SettingsError(
                "SEEDWIRE_PICTURES names a bucket, which needs an extra. In the clone: "
                ".venv/bin/pip install -e '.[s3]'"
            )
        parts = urlsplit(url)
        if not parts.hostname or parts.username:
            raise SettingsError(
                "SEEDWIRE_PICTURES: expected s3://BUCKET/PREFIX, and credentials in AWS_… variables"
            )
        self._options = _parse_options(parts.query)
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")
        self._store: Any = None

    @property
    def address(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}"

    async def open(self) -> None:
        """List once, so that a wrong name or key fails the start and not the first picture."""
        endpoint = self._options.get("endpoint", "")
        client: Any = {**_TIMEOUTS, "allow_http": endpoint.startswith("http://")}
        options: dict[str, Any] = {"region": self._options.get("region", "us-east-1")}
        if endpoint:
            options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
        try:
            self._store = S3Store(
                self._bucket,
                prefix=self._prefix or None,
                client_options=client,
                retry_config=_RETRIES,
                **options,
            )
        except (BaseError, ValueError) as error:
            raise SettingsError(f"SEEDWIRE_PICTURES: {error}") from error
        try:
            await self.list_page(limit=1)
        except DependencyRejected as error:
            raise SettingsError(f"SEEDWIRE_PICTURES: {error}") from error

    async def close(self) -> None:
        self._store = None

    async def put(self, name: str, content: bytes) -> None:
        stored = await self._head(name)
        if stored and stored["size"] == len(content) and _is_recent(stored["last_modified"]):
            return
        try:
            await self._store.put_async(name, content, use_multipart=False)
        except BaseError as error:
            raise self._translate(error) from error

    async def get(self, name: str) -> bytes | None:
        try:
            response = await self._store.get_async(name)
            return bytes(await response.bytes_async())
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise self._translate(error) from error

    async def get_size(self, name: str) -> int | None:
        stored = await self._head(name)
        return int(stored["size"]) if stored else None

    async def delete(self, name: str, stored_before: datetime) -> bool:
        stored = await self._head(name)
        if stored is None or stored["last_modified"] >= stored_before:
            return False
        try:
            await self._store.delete_async(name)
        except BaseError as error:
            raise self._translate(error) from error
        return True

    async def list_page(self, after: str = "", limit: int = 500) -> list[StoredBytes]:
        entries: list[StoredBytes] = []
        try:
            stream = self._store.list(offset=after or None, chunk_size=limit)
            async for chunk in stream:
                entries += [_entry(listed) for listed in chunk]
                if len(entries) >= limit:
                    break
        except (BaseError, FileNotFoundError) as error:
            raise self._translate(error) from error
        return sorted(entries, key=attrgetter("name"))[:limit]

    async def sweep_leftovers(self, begun_before: datetime, remove: bool) -> int:
        """There are none: each object is put in one request."""
        return 0

    async def _head(self, name: str) -> Any:
        """What the bucket says of the object, or None if it is not there."""
        try:
            return await self._store.head_async(name)
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise self._translate(error) from error

    def _translate(self, error: Exception) -> Exception:
        said = " ".join(str(error).split())[:300]
        message = f"the bucket {self.address} does not do it: {said}"
        return build_error(classify_bucket_error(error), message)


def _parse_options(query: str) -> dict[str, str]:
    options = {name: values[-1] for name, values in parse_qs(query).items()}
    if unknown := options.keys() - {"endpoint", "region"}:
        raise SettingsError(
            f"SEEDWIRE_PICTURES: expected only endpoint and region, not {', '.join(unknown)}"
        )
    return options


def _is_recent(modified_at: datetime) -> bool:
    return datetime.now(UTC) - modified_at < RENEWAL_INTERVAL


def _entry(listed: Any) -> StoredBytes:
    return StoredBytes(listed["path"], listed["size"], listed["last_modified"])
