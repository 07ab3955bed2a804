"""The regimen that is chosen, the arithmetic of its doses, and how a dose is written."""
