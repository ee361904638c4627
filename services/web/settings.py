"""The settings of web."""

from pydantic import Field

from shared.settings import Settings


class WebSettings(Settings):
    # Loopback: whoever serves the world puts a proxy with TLS before it.
    web_host: str = "127.0.0.1"
    # If nobody chose it and it is taken, another free one is; `seedwire status` shows which.
    web_port: int = Field(default=8790, ge=0, le=65_535)

    @property
    def chosen(self) -> bool:
        """Whether the port was set, and no other will do."""
        return "web_port" in self.model_fields_set
