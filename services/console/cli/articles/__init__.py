"""Commands that show articles, or write them out."""
