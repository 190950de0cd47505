"""Figures and tables of loyalty metrics, value and economics."""
