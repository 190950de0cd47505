"""Questionnaires from a codebook: one file for each tool that fields them, and for paper."""
