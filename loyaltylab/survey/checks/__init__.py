"""What may mislead in a survey: one registry, one file for each kind of trap."""
