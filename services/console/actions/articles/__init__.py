"""Articles: found, read, listed, shown and written as seed files."""
