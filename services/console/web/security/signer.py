"""Signs what a browser keeps for us: the session, sign-in links, and what forms carry.

All keys derive from the token. So sessions survive a restart, and another token ends them all.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

SESSION_SECONDS: Final = 12 * 3600  # a working day
LINK_SECONDS: Final = 600  # from `seedwire up` to the browser
MAX_NAME_CHARACTERS: Final = 80


@dataclass(frozen=True)
class Claim:
    """What a signed text says: a person's name, until when, and an id that nobody can guess."""

    name: str
    expires: int  # seconds since 1970
    nonce: str


class Signer:
    """Makes and checks signed texts. A *token* that is empty gives keys for this process alone."""

    def __init__(self, token: str, clock: Callable[[], float] = time.time) -> None:
        self._key = (token or secrets.token_urlsafe(32)).encode()
        self._clock = clock

    def sign(self, purpose: str, name: str, seconds: int) -> str:
        """A text that says *name* and can be checked for *seconds*."""
        claim = [name, int(self._clock()) + seconds, secrets.token_urlsafe(16)]
        payload = base64.urlsafe_b64encode(json.dumps(claim).encode()).decode().rstrip("=")
        return f"{payload}.{self.digest(purpose, payload)}"

    def check(self, purpose: str, text: str) -> Claim | None:
        """What the text says; None if it is not ours, for another purpose, or too old."""
        payload, _, digest = text.rpartition(".")
        if not hmac.compare_digest(digest.encode(), self.digest(purpose, payload).encode()):
            return None
        try:
            name, expires, nonce = json.loads(base64.urlsafe_b64decode(payload + "==="))
        except (binascii.Error, ValueError):
            return None
        return Claim(name, expires, nonce) if self._clock() < expires else None

    def digest(self, purpose: str, text: str) -> str:
        """A keyed digest of the text, of which nobody without the token makes another."""
        message = f"seedwire console {purpose}\0{text}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()
