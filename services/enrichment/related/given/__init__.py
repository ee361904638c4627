"""Relations as the seeds give them (`SEEDWIRE_RELATED=given`): nothing is linked by Seedwire."""
