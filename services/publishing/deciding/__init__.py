"""Whether an article is published, by the rules and beside its relatives."""
