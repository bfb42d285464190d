"""What stays of a call: event log, recording, summary."""
