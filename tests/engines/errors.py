"""What can go wrong while the test engines are fetched."""

from deploy.embedded.errors import EngineError


class FetchFailed(EngineError):
    """Maven or javac failed.

    Consequence: nothing incomplete is kept, and the next fetch starts from the beginning; tests
    skip.
    """
