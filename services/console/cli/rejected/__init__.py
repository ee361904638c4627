"""Commands for records that were rejected."""
