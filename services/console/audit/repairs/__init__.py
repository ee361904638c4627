"""What `seedwire audit --repair` does about breaches."""
