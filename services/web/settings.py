"""The settings of web."""

from pydantic import Field

from shared.settings import Settings


class WebSettings(Settings):
    # Loopback: to serve the world, put a proxy with TLS before it.
    web_host: str = "127.0.0.1"
    # If the default is taken, another free port is used; `seedwire status` shows which.
    web_port: int = Field(default=8790, ge=0, le=65_535)

    @property
    def is_port_chosen(self) -> bool:
        """Whether the port was set: then no other one will do."""
        return "web_port" in self.model_fields_set
