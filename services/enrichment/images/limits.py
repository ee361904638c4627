"""What we put up with from the open web. No settings: loosening one is a decision, not a preference."""

from typing import Final

BYTES: Final = 15 * 1024 * 1024
PAGE_BYTES: Final = 1024 * 1024  # of a page, whose head is what we want
PIXELS: Final = 50_000_000  # width x height x frames: 200 MB decoded
FRAMES: Final = 512
CONNECT_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 10.0  # without a byte
SLOT_SECONDS: Final = 10.0  # waiting for a connection to a host that others of ours keep busy
REDIRECTS: Final = 3
PORTS: Final = frozenset({80, 443})
URL_CHARACTERS: Final = 8_000
VALIDATOR_CHARACTERS: Final = 200  # of an ETag: a longer one is not sent back
LONGEST_PAUSE_SECONDS: Final = 24 * 3600.0
