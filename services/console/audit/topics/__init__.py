"""What an audit reads in the topics, and checks there."""
