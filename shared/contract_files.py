"""Where the published contract lies: schemas, examples and a page for other teams, generated."""

from pathlib import Path
from typing import Final

CONTRACT: Final = Path(__file__).parents[1] / "contract"
"""Everything in it may be served to anybody; `seedwire contract generate` makes it."""

RELEASED: Final = CONTRACT / "released"
"""A folder for each version that was released. These never change."""
