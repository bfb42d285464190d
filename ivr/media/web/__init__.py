"""What pages need for sound, the same for callers and for operators."""

from __future__ import annotations

from importlib import resources

SOUND_JS = resources.files(__package__).joinpath("sound.js").read_bytes()
"""The audio worklets ``ivr-microphone`` and ``ivr-ear``: 16-bit samples at 16 kHz, 20 ms a message."""
