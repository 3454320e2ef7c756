"""X's API v2: figures of one's own posts; see README.md."""
