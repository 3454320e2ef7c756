"""What AI calls cost where the provider has no report of it."""

from collectors.prices.table import Price, PriceError, PriceTable, Tokens, load_prices, nano_usd

__all__ = ["Price", "PriceError", "PriceTable", "Tokens", "load_prices", "nano_usd"]
