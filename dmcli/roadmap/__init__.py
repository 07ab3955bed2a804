"""The road ahead: what comes next, whatever comes of this plan."""
