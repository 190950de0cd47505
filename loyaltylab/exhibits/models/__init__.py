"""Figures and tables of models."""
