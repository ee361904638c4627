"""Articles on MongoDB: their content, aliases, decisions and listings."""
