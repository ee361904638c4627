"""Whether a process is alive and works: heartbeat, health pages, watchdog."""
