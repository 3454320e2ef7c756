"""Questions as SQL, whichever database is asked: a store brings its dialect, its tables, its writing and its connection."""
