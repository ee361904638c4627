"""Articles on SQLite: their content, aliases, decisions and listings."""
