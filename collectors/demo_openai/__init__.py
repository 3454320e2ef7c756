"""A made-up OpenAI organisation, read by OpenAI's own rules; see README.md."""
