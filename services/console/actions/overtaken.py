"""The error of an act whose ground has changed."""

from shared.errors import SeedwireError


class Overtaken(SeedwireError):
    """What the act rests on changed since it was looked at. Consequence: look again, then decide.

    Nothing was done.
    """
