"""The settings of images. Limits that protect us from the open web are no settings: `limits.py`."""

import re
from functools import cached_property
from ipaddress import ip_network
from typing import Any, Literal

from pydantic import Field, field_validator

from services.enrichment.images.network.address_rules import Network
from shared.settings import CommaSeparated, Settings


class ImagesSettings(Settings):
    # Networks that are let in, with any port, though they are not public: for tests and demos.
    # For example `127.0.0.0/8,fd00::/8`.
    images_allow_networks: CommaSeparated = ()
    # Pictures in hand of one worker, each with a connection: a slow host takes two of these. The
    # memory that they may hold together has a limit of its own.
    images_at_once: int = Field(default=64, ge=1, le=256)
    images_per_host: int = Field(default=2, ge=1)
    # The first attempt is short: a slow picture is parked, and holds up nothing.
    images_first_seconds: float = Field(default=3, gt=0)
    images_long_seconds: float = Field(default=30, gt=0)
    # Doubled with every attempt, up to a day; a host's Retry-After is obeyed if it is longer.
    images_retry_seconds: float = Field(default=60, gt=0)
    images_attempts: int = Field(default=8, ge=1)
    images_parked_seconds: float = Field(default=5, gt=0)
    # For so long a picture that failed for good is not requested again, whichever article names
    # it; doubled with every further failure, up to a day.
    images_remember_hours: float = Field(default=1, ge=0)
    # A cached picture that an article names again is requested again when it is older than this:
    # the host says whether it has changed.
    images_refresh_hours: float = Field(default=24, ge=0)
    # Hosts see who we are; operators add how to reach them. One line of a header.
    images_user_agent: str = Field(
        default="Seedwire/0.1 (news pictures)", pattern=r"^[!-~]([ -~]{0,198}[!-~])?$"
    )

    # Whether the pages of articles without a picture are read for one (og:image and the like), and
    # for the AMP twin.
    pages: Literal["on", "off"] = "on"

    @field_validator("images_allow_networks", mode="before")
    @classmethod
    def _split_networks(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("images_allow_networks")
    @classmethod
    def _check_networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for network in networks:
            ip_network(network)
        return networks

    @cached_property
    def allowed_networks(self) -> tuple[Network, ...]:
        return tuple(ip_network(network) for network in self.images_allow_networks)

    @property
    def robots_token(self) -> str:
        """The name by which robots.txt files address us: the product of the User-Agent."""
        return re.split(r"[/ ]", self.images_user_agent, maxsplit=1)[0]
