"""The connection to SQLite, its schema, and what its errors mean."""
