"""What linking knows about English words: a table of stems with their weights and directions.

`tools.word_vectors` makes the table.
"""

from services.enrichment.related.features.word_vectors.table import (
    DIRECTION_SCALE,
    MAX_WEIGHT,
    StemTable,
    load_stem_table,
    weight_from_zipf,
    zipf_from_weight,
)

__all__ = [
    "DIRECTION_SCALE",
    "MAX_WEIGHT",
    "StemTable",
    "load_stem_table",
    "weight_from_zipf",
    "zipf_from_weight",
]
