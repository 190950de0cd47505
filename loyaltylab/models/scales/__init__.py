"""How well items measure scales, and whether two scales are apart."""
