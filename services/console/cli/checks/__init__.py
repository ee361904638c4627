"""Commands that test something: rules, promises, the contract, a consumer."""
