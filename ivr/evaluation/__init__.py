"""How well a desk understands labelled callers, as numbers and as a report, and what it should learn."""
