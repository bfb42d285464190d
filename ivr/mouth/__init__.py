"""Speaking: voices, the prompt cache, the player."""
