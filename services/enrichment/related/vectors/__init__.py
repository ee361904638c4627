"""What linking knows of words: a table of stems, their weights and their directions, made once by `build.py`."""

from services.enrichment.related.vectors.table import Table, table, weight_of

__all__ = ["Table", "table", "weight_of"]
