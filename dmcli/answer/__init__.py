"""What the stations found, told: actions, reasons, warnings, caveats, evidence, the short answer."""
