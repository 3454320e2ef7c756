"""LinkedIn's statistics of a page and its posts; see README.md."""
