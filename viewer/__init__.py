"""Who looks, and what they may see: the one place where questions meet the request at hand."""
