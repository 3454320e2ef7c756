"""Anthropic's usage and cost reports; see README.md."""
