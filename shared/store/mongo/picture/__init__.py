"""Pictures and parked fetches on MongoDB."""
