"""How web answers: problems, conditional requests, query parameters."""
