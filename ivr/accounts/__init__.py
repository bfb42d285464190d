"""Who may sit at the console: accounts, sessions, tokens, and a record of who saw and did what."""
