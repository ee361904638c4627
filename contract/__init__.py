"""What other teams may rely on: schemas, topics, examples. Generated; see docs/contract.md."""
