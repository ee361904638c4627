"""Whether the contract still keeps its promises to readers of released copies and old records."""
