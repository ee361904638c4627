"""Routes a fetch key to the fetcher of its kind: of pictures or of pages."""

from contextlib import AbstractAsyncContextManager

from services.enrichment.images.fetch_outcome import FetchOutcome, RetryLater, Validators
from services.enrichment.images.fetching.fetch_keys import is_page_key, url_of
from services.enrichment.images.fetching.picture_fetcher import PictureFetcher
from services.enrichment.images.fetching.web_fetcher import WebFetcher
from services.enrichment.images.pages.page_fetcher import PageFetcher
from services.enrichment.images.pages.page_metadata import PageMetadata
from shared.store import Store


class FetchRouter:
    def __init__(self, web: WebFetcher, pictures: PictureFetcher, pages: PageFetcher) -> None:
        self._web = web
        self._pictures = pictures
        self._pages = pages

    def fetch(
        self, key: str, seconds: float, validators: Validators, store: Store
    ) -> AbstractAsyncContextManager[FetchOutcome | PageMetadata]:
        """The outcome of a key. Only pictures are requested conditionally."""
        if is_page_key(key):
            return self._pages.fetch(url_of(key), seconds)
        return self._pictures.fetch(key, seconds, validators, store)

    def refusal(self, key: str) -> RetryLater | None:
        """The outcome if the key's host must not be contacted now; None if it may be."""
        return self._web.refusal(url_of(key))

    def count_bytes(self) -> int:
        """The bytes of all bodies that were fetched so far."""
        return self._web.fetched_bytes
