"""Calls from a web page: somebody opens ``/call``, allows the microphone, and talks to the desk."""
