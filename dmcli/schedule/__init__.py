"""The dated doses of the new therapy and of those that run, and the days on which they are judged."""
