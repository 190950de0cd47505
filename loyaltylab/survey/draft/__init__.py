"""A first codebook from a file nobody described: guesses, each marked as one."""
