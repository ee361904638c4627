"""Workers, rejected records, failures and history on MongoDB."""
