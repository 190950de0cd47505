"""Path models as sources print them, rebuilt from their tables."""
