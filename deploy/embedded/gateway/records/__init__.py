"""Records on their way through: what producers send, and what fetches wait for."""
