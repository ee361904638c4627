"""What consumers are told of a decision: revisions, and the leads of stories."""
