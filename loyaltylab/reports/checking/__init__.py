"""Whether a run still says what it said, and where two differ."""
