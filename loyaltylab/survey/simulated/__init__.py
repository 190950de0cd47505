"""Simulated respondents, and rows with given moments; never evidence."""
