"""How likely two articles are related, given the evidence and the feed."""
