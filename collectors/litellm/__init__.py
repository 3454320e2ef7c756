"""A LiteLLM proxy's daily activity and spend logs; see README.md."""
