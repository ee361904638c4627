"""The settings of web."""

from pathlib import Path
from typing import Final, Self

from pydantic import Field, SecretStr, model_validator

from shared.settings import Settings

MIN_TOKEN_CHARACTERS: Final = 16  # shorter ones can be guessed


class WebSettings(Settings):
    # Loopback: to serve the world, put a proxy with TLS before it.
    web_host: str = "127.0.0.1"
    # If the default is taken, another free port is used; `seedwire status` shows which.
    web_port: int = Field(default=8790, ge=0, le=65_535)

    # Where readers reach it, in feeds: https://news.example. Empty: where the request says it is.
    web_url: str = Field(default="", pattern=r"^$|^https?://[^\s/]+(/[^\s]*[^\s/])?$")

    # Who gives it may drop seeds with POST /seeds; without one, nobody may.
    web_token: SecretStr = SecretStr("")
    # Or the file that holds it, as secrets are mounted.
    web_token_file: Path | None = None
    # How long POST /seeds waits for the receipt before it answers where to ask for it later.
    web_receipt_seconds: float = Field(default=10, ge=0, le=300)

    @property
    def token(self) -> str:
        """The token, from where it was set; empty: no seeds are taken."""
        if self.web_token_file is not None:
            return self.web_token_file.read_text().strip()
        return self.web_token.get_secret_value()

    @model_validator(mode="after")
    def _check_token(self) -> Self:
        if self.web_token_file is not None:
            if self.web_token.get_secret_value():
                raise ValueError("SEEDWIRE_WEB_TOKEN and SEEDWIRE_WEB_TOKEN_FILE are both set")
            if not self.web_token_file.is_file():
                raise ValueError(f"there is no file {self.web_token_file}")
            is_set = True
        else:
            is_set = bool(self.web_token.get_secret_value())
        if is_set and len(self.token) < MIN_TOKEN_CHARACTERS:
            raise ValueError(f"a token has at least {MIN_TOKEN_CHARACTERS} characters")
        return self

    @property
    def is_port_chosen(self) -> bool:
        """Whether the port was set: then no other one will do."""
        return "web_port" in self.model_fields_set
