"""The default answer about one patient: one screen to act on."""
