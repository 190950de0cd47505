"""Importance for outcomes that no linear model fits."""
