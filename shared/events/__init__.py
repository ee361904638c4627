"""The events of Seedwire: their topics, and what each says."""
