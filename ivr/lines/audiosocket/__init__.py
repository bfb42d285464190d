"""AudioSocket: how Asterisk sends the sound of a call over TCP."""
