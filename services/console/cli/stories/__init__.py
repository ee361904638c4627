"""Commands for stories: what editors see and override."""
