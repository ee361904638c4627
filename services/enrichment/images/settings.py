"""The settings of images. Limits that protect us from the open web are in `limits.py` and are no settings."""

import re
from functools import cached_property
from ipaddress import ip_network
from typing import Any, Literal

from pydantic import Field, field_validator

from services.enrichment.images.network.address_rules import Network
from shared.settings import Listed, Settings


class ImagesSettings(Settings):
    # Networks that are let in, with any port, though they are not public: for tests and demos. `127.0.0.0/8,…`
    images_allow_networks: Listed = ()
    # Pictures in hand of one worker, each with a connection: a slow host takes two of these. What they may hold in
    # memory together is a limit of its own.
    images_at_once: int = Field(default=64, ge=1, le=256)
    images_per_host: int = Field(default=2, ge=1)
    # The first attempt is short: what is slow is parked, and holds up nothing.
    images_first_seconds: float = Field(default=3, gt=0)
    images_long_seconds: float = Field(default=30, gt=0)
    # Doubled with every attempt, up to a day; a host's Retry-After is obeyed if it is longer.
    images_retry_seconds: float = Field(default=60, gt=0)
    images_attempts: int = Field(default=8, ge=1)
    images_parked_seconds: float = Field(default=5, gt=0)
    # A picture that failed for good is not asked for again that long, whoever names it; doubled each time, to a day.
    images_remember_hours: float = Field(default=1, ge=0)
    # A kept picture that an article names anew is asked for again when it is older: the host says if it changed.
    images_refresh_hours: float = Field(default=24, ge=0)
    # Hosts see who we are; an operator adds where to reach them. One header line.
    images_user_agent: str = Field(
        default="Seedwire/0.1 (news pictures)", pattern=r"^[!-~]([ -~]{0,198}[!-~])?$"
    )

    # Whether the pages of articles without a picture are read for one: og:image and the like, and the AMP twin.
    pages: Literal["on", "off"] = "on"

    @field_validator("images_allow_networks", mode="before")
    @classmethod
    def _split(cls, given: Any) -> Any:
        return (
            tuple(part.strip() for part in given.split(",") if part.strip())
            if isinstance(given, str)
            else given
        )

    @field_validator("images_allow_networks")
    @classmethod
    def _are_networks(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for text in given:
            ip_network(text)
        return given

    @cached_property
    def allowed(self) -> tuple[Network, ...]:
        return tuple(ip_network(text) for text in self.images_allow_networks)

    @property
    def robots_token(self) -> str:
        """The name that robots.txt files know us by: the product of the User-Agent."""
        return re.split(r"[/ ]", self.images_user_agent, maxsplit=1)[0]
