"""What the knowledge holds, to look up: evidence, facts, defaults, disagreements."""
