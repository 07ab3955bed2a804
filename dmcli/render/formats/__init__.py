"""One file a format, each with one function: `write(content, view)`."""
