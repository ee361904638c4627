"""The sampler: measures from outside the consumers what waits for whom, and for how long."""
