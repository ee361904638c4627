"""Servers of HTTP within a process."""
