"""Limits that protect us from the open web. They are not settings: to loosen one is a decision."""

from typing import Final

MAX_PICTURE_BYTES: Final = 15 * 1024 * 1024
# Of bodies in one worker's memory: a hundred pictures of the usual size take a tenth of it.
MAX_BODY_MEMORY: Final = 16 * MAX_PICTURE_BYTES
MAX_PIXELS: Final = 50_000_000  # width x height x frames: 200 MB decoded
MAX_FRAMES: Final = 512
MIN_PIXELS: Final = 2  # width x height: a picture of one pixel counts readers, or holds a place
CONNECT_TIMEOUT_SECONDS: Final = 5.0
READ_TIMEOUT_SECONDS: Final = 10.0  # without a byte
# The longest wait in a host's queue; later requests come back later. A newsroom's own host, at
# 100 ms a picture, may have 1,200 of them waiting; a host that takes three seconds, 40.
MAX_QUEUE_SECONDS: Final = 60.0
MAX_REDIRECTS: Final = 3
WEB_PORTS: Final = frozenset({80, 443})
MAX_URL_LENGTH: Final = 8_000  # characters
MAX_VALIDATOR_LENGTH: Final = 200  # characters of an ETag: a longer one is not sent back
MAX_RETRY_SECONDS: Final = 24 * 3600.0
