"""One patient, from a file or from flags, through one validator. Nothing missing is ever filled in."""
