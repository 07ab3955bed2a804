"""The plan as data: records and their codes, what `--format json` prints."""
