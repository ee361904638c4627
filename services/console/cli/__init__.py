"""The command `seedwire`: one file for each command, which parses, calls an action and prints."""
