"""Starts the service processes and the embedded broker, watches them and restarts them."""
