"""Seeds dropped over HTTP, and their receipts."""
