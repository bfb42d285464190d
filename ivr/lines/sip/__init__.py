"""Calls over SIP: a gate in front that reads every message, and worker processes that hold the media."""
