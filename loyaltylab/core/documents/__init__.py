"""What a document needs whatever it says: pandoc, and the parts of a Word file."""
