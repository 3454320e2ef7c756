"""What collectors of scheduling services and platforms have in common: posts, their failures and figures."""
