"""The medicine, typed, frozen and checked. Nothing here names a drug."""
