"""How long a text may be: what the network itself accepts (the prompts ask for less: 1300 on LinkedIn)."""

TWEET_LIMIT = 280
"""Of one tweet, counted as X counts (`facts.tweet_length`)."""

TEXT_LIMITS = {"linkedin": 3000, "instagram": 2200, "facebook": 63_206}
"""Of the whole text, in Unicode code points."""

X_LINK_LENGTH = 23
"""Every link counts like this, whatever its length."""
