"""Drops: seed files and where they come from, sent to the topic `seeds`, and their receipts."""
