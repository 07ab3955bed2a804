"""One therapy, or all of them, as a document."""
