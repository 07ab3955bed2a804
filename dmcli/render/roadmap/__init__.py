"""The road ahead, as a document and as a chart."""
