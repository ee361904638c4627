"""Serves published articles and pictures over HTTP, and takes seeds."""
