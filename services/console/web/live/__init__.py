"""What is pushed to open pages."""
