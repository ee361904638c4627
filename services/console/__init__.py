"""What people and scripts do with Seedwire: actions, and the command line over them."""
