"""ivr: a local voice front line for a phone number."""

__version__ = "0.1.0"
