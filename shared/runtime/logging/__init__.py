"""What processes log: as text or JSON, and no flood of one message."""
