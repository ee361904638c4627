"""The settings of the console."""

import ipaddress
from pathlib import Path
from typing import Final, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from shared.secret_files import find_secret_fault, read_secret
from shared.settings import CommaSeparated, Settings

MIN_TOKEN_CHARACTERS: Final = 16  # shorter ones can be guessed
TOKEN_VARIABLE: Final = "SEEDWIRE_CONSOLE_TOKEN_FILE"
TOKEN_FILE: Final = "console-token"  # in the state directory, if no setting names a token


class ConsoleSettings(Settings):
    # Beyond loopback it serves nobody who has not signed in, and does not start without a token or
    # a proxy that says who they are.
    console_host: str = "127.0.0.1"
    # If the default is taken, another free port is used; `seedwire console` shows which.
    console_port: int = Field(default=8791, ge=0, le=65_535)
    # The names in its URL, such as news-desk.example, besides localhost and IP addresses. Requests
    # that call it by another name are refused: a stranger's page may have led them here.
    console_hosts: CommaSeparated = ()

    # Who gives it may sign in. None set: made at the first start, in the state directory.
    console_token: SecretStr = SecretStr("")
    # Or the file that holds it, as secrets are mounted.
    console_token_file: Path | None = None
    # The header in which a proxy says who is signed in, such as X-Forwarded-User.
    console_identity_header: str = Field(default="", pattern=r"^$|^[A-Za-z][A-Za-z0-9-]*$")
    # The addresses of that proxy. Its header, and what it says of TLS, count from no other.
    console_trusted_proxies: CommaSeparated = ()
    # Nothing can be changed, whoever asks.
    console_read_only: bool = False

    # Where readers reach web, which serves the pictures. Empty: what web's heartbeat says.
    web_url: str = Field(default="", pattern=r"^$|^https?://[^\s/]+(/[^\s]*[^\s/])?$")

    @field_validator("console_hosts", "console_trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("console_trusted_proxies")
    @classmethod
    def _check_networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for network in networks:
            ipaddress.ip_network(network)  # its ValueError says what is wrong
        return networks

    @model_validator(mode="after")
    def _check_access(self) -> Self:
        if self.console_identity_header and not self.console_trusted_proxies:
            raise ValueError(
                "SEEDWIRE_CONSOLE_IDENTITY_HEADER needs SEEDWIRE_CONSOLE_TRUSTED_PROXIES: anybody "
                "else could send that header"
            )
        if self.console_token_file is not None and self.console_token.get_secret_value():
            raise ValueError("SEEDWIRE_CONSOLE_TOKEN and SEEDWIRE_CONSOLE_TOKEN_FILE are both set")
        fault = self.console_token_file and find_secret_fault(
            TOKEN_VARIABLE, self.console_token_file
        )
        if fault:
            raise ValueError(fault)
        token = self.configured_token
        if token and len(token) < MIN_TOKEN_CHARACTERS:
            raise ValueError(f"a console token has at least {MIN_TOKEN_CHARACTERS} characters")
        if not (self.is_loopback or token or self.console_identity_header):
            raise ValueError(
                f"SEEDWIRE_CONSOLE_HOST={self.console_host} is reached from other machines: set "
                "SEEDWIRE_CONSOLE_TOKEN, or SEEDWIRE_CONSOLE_IDENTITY_HEADER and "
                "SEEDWIRE_CONSOLE_TRUSTED_PROXIES"
            )
        return self

    @property
    def configured_token(self) -> str:
        """The token that a setting gives, or nothing."""
        if self.console_token_file is not None:
            return read_secret(TOKEN_VARIABLE, self.console_token_file).strip()
        return self.console_token.get_secret_value()

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches the console."""
        if self.console_host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.console_host).is_loopback
        except ValueError:
            return False

    @property
    def is_port_chosen(self) -> bool:
        """Whether the port was set: then no other one will do."""
        return "console_port" in self.model_fields_set

    @property
    def console_address_file(self) -> Path:
        """Where the console of a running `seedwire up` says its URL."""
        return self.home / "run" / "console"
