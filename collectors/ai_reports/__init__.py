"""What reports of AI providers have in common: buckets of usage and cost, read by windows and kept right."""
