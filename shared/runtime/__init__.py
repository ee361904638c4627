"""What every service process has, from its start to its end."""
