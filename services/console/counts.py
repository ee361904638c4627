"""Numbers of things, as sentences have them."""


def format_count(number: int, singular: str, plural: str = "") -> str:
    """For example `1 article`, `12,345 articles` or `2 stories`; without *plural*, with an `s`."""
    noun = singular if number == 1 else plural or f"{singular}s"
    return f"{number:,} {noun}"
