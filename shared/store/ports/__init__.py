"""What a store can do, whatever engine it is on."""
