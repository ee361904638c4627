"""What each of Kafka's errors means, and which errors are the machine's."""
