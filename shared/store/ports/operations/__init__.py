"""The ports of running Seedwire: workers, rejected records, failures, history."""
