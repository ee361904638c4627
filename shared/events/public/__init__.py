"""The public events: what other teams read, as models. Every event that leaves Seedwire is one."""
