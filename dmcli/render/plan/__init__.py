"""The plan as a document, section by section."""
