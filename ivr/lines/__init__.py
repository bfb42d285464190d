"""How a call reaches us."""
