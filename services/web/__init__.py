"""Serves over HTTP what Seedwire stores: so far, pictures."""
