"""A call over a WebSocket, in the message format that Twilio calls Media Streams and many providers speak."""
