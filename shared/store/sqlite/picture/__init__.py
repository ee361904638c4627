"""Pictures and parked fetches on SQLite."""
