"""A made-up Buffer account, read by Buffer's own rules; see README.md."""
