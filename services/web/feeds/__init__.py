"""Published articles as feeds: Atom, RSS 2.0 and JSON Feed."""
