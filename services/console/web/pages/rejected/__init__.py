"""The page of rejected records, and the case of one."""
