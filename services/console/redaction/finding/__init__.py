"""Finds what may be a value of `secured`: in YAML that parses by its parser, elsewhere by lines."""
