"""Benchmarks: commands that print a table, never timed tests. Run from the top folder: python -m tests.benchmarks."""
