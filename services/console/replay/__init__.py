"""Replay: tries other rules on a shadow of the newsroom, and requeues articles to promote them."""
