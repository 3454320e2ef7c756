"""Following logs that are appended to, rotated, compressed, truncated, removed and brought back, in any encoding."""
