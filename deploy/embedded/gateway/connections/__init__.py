"""The connections of the gateway: to its clients, and to the embedded broker."""
