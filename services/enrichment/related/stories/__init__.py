"""Stories: how articles are clustered into them, their ids and their snapshots."""
