"""What an audit checks in the store and in the receipts."""
