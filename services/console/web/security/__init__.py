"""What keeps strangers and other sites out."""
