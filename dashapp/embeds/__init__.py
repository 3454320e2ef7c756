"""Charts and pages on other people's pages: signed links that show one thing, ask nothing of the browser, never widen."""
