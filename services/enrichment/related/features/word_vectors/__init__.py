"""What linking knows of words: a table of stems, their weights and their directions, made once by `build.py`."""

from services.enrichment.related.features.word_vectors.table import (
    HEAVIEST,
    Table,
    table,
    weight_of,
    zipf_of,
)

__all__ = ["HEAVIEST", "Table", "table", "weight_of", "zipf_of"]
