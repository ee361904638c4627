"""Ingest: takes seeds in, answers each with a receipt, and announces what changed."""
