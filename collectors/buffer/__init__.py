"""Buffer's GraphQL interface; see README.md."""
