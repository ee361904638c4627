"""What is computed of each article before it is compared with others."""
