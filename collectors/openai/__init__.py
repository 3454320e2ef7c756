"""OpenAI's usage and costs of an organisation; see README.md."""
