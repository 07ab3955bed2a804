"""What answers look like: rooms for the documents, one file a format. It decides nothing and shows what an answer holds."""
