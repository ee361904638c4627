"""Serves over HTTP what Seedwire keeps: pictures now."""
