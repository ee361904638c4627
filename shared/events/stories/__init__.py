"""What happened to stories: the events that say so, and their reasons."""
