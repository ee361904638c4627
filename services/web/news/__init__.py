"""Published articles and stories as JSON."""
