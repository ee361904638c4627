"""What people and consumers see of an article, joined from all that the store holds of it."""
