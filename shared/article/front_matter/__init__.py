"""The front matter of a seed: parsing it, and saying what is wrong in it."""
