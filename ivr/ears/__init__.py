"""Hearing: voice activity, the end of an utterance, recognition."""
