"""Where web serves readers, as its heartbeat says."""

import re
from collections.abc import Iterable
from typing import Final

from shared.store import Heartbeat, Store

_URL: Final = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


async def load_web_url(store: Store) -> str:
    """Empty while no heartbeat says it. Raises StoreUnavailable."""
    return find_web_url(await store.workers.list_heartbeats())


def find_web_url(heartbeats: Iterable[Heartbeat]) -> str:
    """What the latest heartbeat of web says; empty if there is none."""
    addresses = [
        (heartbeat.at, heartbeat.note)
        for heartbeat in heartbeats
        if heartbeat.service == "web" and _URL.fullmatch(heartbeat.note)
    ]
    return max(addresses)[1] if addresses else ""
