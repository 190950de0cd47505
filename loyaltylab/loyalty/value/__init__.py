"""Elements of value and pillars of experience."""
