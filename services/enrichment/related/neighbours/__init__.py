"""The nearest neighbours of each article, with the evidence of each pair."""
