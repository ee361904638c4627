"""Rejected records: shown, mended, sent again or dismissed."""
