"""Figures and tables of importance."""
