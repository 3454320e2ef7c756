"""Points are deleted when they are older than they are kept: announced before, by the clock or by hand."""
