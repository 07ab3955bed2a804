"""Many cases, one result each, in the order of the input. A bad case is a value here, and never ends a run."""
