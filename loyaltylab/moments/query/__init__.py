"""Sums made where the answers are: in a database, or in batches of its rows."""
