"""Why two articles are related or not, in words."""
