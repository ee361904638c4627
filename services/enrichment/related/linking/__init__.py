"""Which articles are linked, computed anew where something changed."""
