"""The algorithm as it is encoded: a ladder of rungs, as a document, a chart and a drawing."""
