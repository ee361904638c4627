"""What is in flight between a poll and its commit, and the commit."""
