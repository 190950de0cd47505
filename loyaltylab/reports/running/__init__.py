"""One run: its parameters, its execution, its manifest."""
