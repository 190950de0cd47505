"""The comparison of two blocks in every defensible choice of analysis."""
