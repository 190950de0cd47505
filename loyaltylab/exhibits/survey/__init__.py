"""Figures and tables of respondents and scales."""
