"""How far groups are: their lag, and where they stand in each partition."""
