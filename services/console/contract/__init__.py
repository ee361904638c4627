"""The published contract: what it is generated from, and whether it still keeps its promises."""
