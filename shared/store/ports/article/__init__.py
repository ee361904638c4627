"""The ports of articles: their content, aliases, decisions and listings."""
