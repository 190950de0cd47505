"""The page, the PDF and the Word file of a run."""
