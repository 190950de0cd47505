"""Figures and tables of claims and their verdicts."""
