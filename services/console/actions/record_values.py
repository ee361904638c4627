"""Keys, headers and values of Kafka records as JSON values."""

from collections.abc import Iterable


def decode_text(value: bytes | None) -> str | None:
    """The bytes as text; those that are not UTF-8 are replaced."""
    return None if value is None else value.decode(errors="replace")


def decode_headers(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str | None]:
    """The headers by name. Of several with one name, the last."""
    return {name: decode_text(value) for name, value in headers}
