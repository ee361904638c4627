"""The newsroom as its operator sees it: status, processes, rights, upgrades and rebuilds."""
