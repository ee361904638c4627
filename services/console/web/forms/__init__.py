"""What forms send, and how a write happens once."""
