"""What printed correlations leave open."""
