"""The ports of linking and stories: signatures, neighbour lists, links, overrides."""
