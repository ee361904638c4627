"""Metrics for Prometheus: what a process counts, and how it is scraped. See docs/metrics.md."""
