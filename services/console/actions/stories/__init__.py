"""Stories: listed and shown, and what editors change of them, with its preview."""
