"""Work beside other work in one process: what runs, for how long, and in how much memory."""
