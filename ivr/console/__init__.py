"""The console: where operators and supervisors work, in a browser, and the same actions for programs."""
