"""What goes into a thesis."""
