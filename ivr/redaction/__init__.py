"""Numbers that nobody may read in what was said or written: payment cards, identities, telephones."""
