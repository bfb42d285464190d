"""From words to meaning: normalization, grammar, matching, slots."""
