"""The command `seedwire`: what people and scripts do with Seedwire. A file for each command."""
