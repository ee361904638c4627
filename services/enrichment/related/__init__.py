"""Related: finds the articles about the same event, whatever order they arrive in."""
