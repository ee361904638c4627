"""What we put up with from the open web. No settings: loosening one is a decision, not a preference."""

from typing import Final

BYTES: Final = 15 * 1024 * 1024
HELD_BYTES: Final = (
    16 * BYTES
)  # of bodies in one worker's memory: a hundred pictures as newsrooms have them take a tenth
PAGE_BYTES: Final = 1024 * 1024  # of a page, whose head is what we want
PIXELS: Final = 50_000_000  # width x height x frames: 200 MB decoded
FRAMES: Final = 512
CONNECT_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 10.0  # without a byte
# That a host may need for those of ours who stand before one: further ones come later. A newsroom's own host, at 100 ms
# a picture, may have 1,200 of them waiting; one that takes three seconds, 40.
SLOT_SECONDS: Final = 60.0
REDIRECTS: Final = 3
PORTS: Final = frozenset({80, 443})
URL_CHARACTERS: Final = 8_000
VALIDATOR_CHARACTERS: Final = 200  # of an ETag: a longer one is not sent back
LONGEST_PAUSE_SECONDS: Final = 24 * 3600.0
