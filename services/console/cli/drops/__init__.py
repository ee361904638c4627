"""Commands that send seeds."""
