"""The connection to MongoDB, its schema, and what its errors mean."""
