"""Web pages of articles: the pictures they name, and what robots.txt allows."""
