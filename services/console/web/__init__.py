"""The web console: the newsroom in a browser, over the same actions as the command."""
