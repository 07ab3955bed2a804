"""Every option's standing and arguments, the status, and the next line. No dates here."""
